/* udp-answer PORT            answers every SIP request on 127.0.0.1:PORT with a 200 that repeats its Via, From, To, Call-ID, CSeq
 * udp-answer -s PORT         only counts what comes
 * It is what the senders of compare-sipsak talk to: it must cost less than any of them, so it takes and gives up to 64 datagrams a call and parses
 * nothing but line starts. SIGTERM ends it with the number of messages taken. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 64, SIZE = 4096 };

static volatile unsigned long taken;
static char in[BATCH][SIZE], out[BATCH][SIZE];

static void end(int signal) {
    (void)signal;
    char text[32];
    int length = snprintf(text, sizeof text, "%lu\n", taken);
    if (write(1, text, (size_t)length) < 0) _exit(1);
    _exit(0);
}

/* The length of the answer; 0 for what is no request. */
static size_t answer(const char *request, size_t length, char *reply) {
    static const char *const repeated[] = { "Via:", "From:", "To:", "Call-ID:", "CSeq:" };
    size_t used = 0;
    if (length < 4 || !memcmp(request, "SIP/", 4)) return 0;
    memcpy(reply, "SIP/2.0 200 OK\r\n", 16);
    used = 16;
    const char *end = request + length, *line = request;
    while (line < end) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        if (!next || next - line < 2) break;
        next++;
        for (size_t i = 0; i < sizeof repeated / sizeof *repeated; i++) {
            size_t name = strlen(repeated[i]);
            if ((size_t)(next - line) > name && !strncasecmp(line, repeated[i], name) && used + (size_t)(next - line) + 64 < SIZE) {
                size_t whole = (size_t)(next - line);
                memcpy(reply + used, line, whole);
                used += whole;
                if (i == 2 && !memmem(line, whole, ";tag=", 5)) {
                    used -= 2;
                    memcpy(reply + used, ";tag=bench\r\n", 12);
                    used += 12;
                }
            }
        }
        line = next;
    }
    memcpy(reply + used, "Content-Length: 0\r\n\r\n", 21);
    return used + 21;
}

int main(int count, char **arguments) {
    int sinks = count > 1 && !strcmp(arguments[1], "-s");
    if (count < 2 + sinks) return fprintf(stderr, "udp-answer [-s] PORT\n"), 2;
    struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[1 + sinks])) };
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_DGRAM, 0), room = 16 << 20;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
    if (bind(fd, (struct sockaddr *)&own, sizeof own)) return perror("bind"), 1;
    signal(SIGTERM, end);
    signal(SIGINT, end);
    static struct sockaddr_in from[BATCH];
    static struct iovec parts[BATCH], replies[BATCH];
    static struct mmsghdr messages[BATCH], answers[BATCH];
    for (;;) {
        for (int i = 0; i < BATCH; i++) {
            parts[i] = (struct iovec){ in[i], SIZE };
            messages[i].msg_hdr = (struct msghdr){ .msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &parts[i], .msg_iovlen = 1 };
        }
        int got = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
        if (got <= 0) continue;
        taken += (unsigned long)got;
        if (sinks) continue;
        int ready = 0;
        for (int i = 0; i < got; i++) {
            size_t length = answer(in[i], messages[i].msg_len, out[i]);
            if (!length) continue;
            replies[ready] = (struct iovec){ out[i], length };
            answers[ready] = (struct mmsghdr){ .msg_hdr = { .msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &replies[ready], .msg_iovlen = 1 } };
            ready++;
        }
        for (int sent = 0; sent < ready;) {
            int now = sendmmsg(fd, answers + sent, (unsigned)(ready - sent), 0);
            if (now <= 0) break;
            sent += now;
        }
    }
}
