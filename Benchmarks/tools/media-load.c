/* Calls through a media relay: `media-load ADDRESS PORT CALLS SECONDS PID`.
 *
 * The relay takes rtpproxy's commands at ADDRESS:PORT. CALLS calls are set up, both sides of each send G.711 (172 bytes every
 * 20 ms), and what arrives is counted by sequence numbers. At the end: packets, losses, and the processor time of the relay's
 * process PID for each packet that it has taken in. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct side {
    int socket;
    struct sockaddr_in target;
    uint64_t sent, received, repeated;
    uint16_t sequence, highest;
    double worst; /* milliseconds on the way */
};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what) {
    fprintf(stderr, "media-load: %s: %s\n", what, errno ? strerror(errno) : "wrong answer");
    exit(1);
}

/* Processor seconds of a process, user and system. */
static double spent(const char *pid) {
    char path[64], line[1024];
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%s/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file || !fgets(line, sizeof line, file)) fail(path);
    fclose(file);
    char *rest = strrchr(line, ')');
    if (!rest || sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2) fail(path);
    return (user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* One command; the port in its answer. */
static int command(int control, const char *text, struct sockaddr_in *place, struct in_addr standard) {
    char line[512], answer[512], host[64];
    static int cookie;
    int port, count;
    snprintf(line, sizeof line, "c%d %s\n", ++cookie, text);
    for (int attempt = 0; attempt < 5; attempt++) {
        if (send(control, line, strlen(line), 0) < 0) fail("send a command");
        ssize_t length = recv(control, answer, sizeof answer - 1, 0);
        if (length <= 0) continue;
        answer[length] = 0;
        count = sscanf(answer, "%*s %d %63s", &port, host);
        if (count < 1 || port <= 0) {
            fprintf(stderr, "media-load: %s -> %s", text, answer);
            return -1;
        }
        memset(place, 0, sizeof *place);
        place->sin_family = AF_INET;
        place->sin_port = htons(port);
        place->sin_addr = standard;
        if (count > 1 && inet_pton(AF_INET, host, &place->sin_addr) != 1) return -1;
        return 0;
    }
    errno = 0;
    fail("no answer to a command");
    return -1;
}

static void take(struct side *side) {
    unsigned char packet[2048];
    ssize_t length;
    while ((length = recv(side->socket, packet, sizeof packet, 0)) > 0) {
        uint16_t sequence = packet[2] << 8 | packet[3];
        double when;
        memcpy(&when, packet + 12, sizeof when);
        double delay = (now() - when) * 1e3;
        if (delay > side->worst) side->worst = delay;
        if (side->received && (int16_t)(sequence - side->highest) <= 0) {
            side->repeated++;
            continue;
        }
        side->highest = sequence;
        side->received++;
    }
}

int main(int count, char **words) {
    if (count != 6) {
        fprintf(stderr, "usage: media-load ADDRESS PORT CALLS SECONDS PID\n");
        return 2;
    }
    int calls = atoi(words[3]);
    double seconds = atof(words[4]);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);

    struct sockaddr_in engine = {.sin_family = AF_INET, .sin_port = htons(atoi(words[2]))};
    if (inet_pton(AF_INET, words[1], &engine.sin_addr) != 1) fail(words[1]);
    int control = socket(AF_INET, SOCK_DGRAM, 0);
    struct timeval patience = {.tv_sec = 2};
    setsockopt(control, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(control, (struct sockaddr *)&engine, sizeof engine) < 0) fail("connect");

    struct side *sides = calloc(calls * 2, sizeof *sides);
    int poll = epoll_create1(0);
    for (int number = 0; number < calls * 2; number++) {
        struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr = engine.sin_addr};
        sides[number].socket = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
        if (sides[number].socket < 0 || bind(sides[number].socket, (struct sockaddr *)&own, sizeof own) < 0) fail("open a socket");
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = number};
        epoll_ctl(poll, EPOLL_CTL_ADD, sides[number].socket, &event);
    }
    int set = 0;
    for (int call = 0; call < calls; call++) {
        char text[256];
        struct side *pair = sides + call * 2;
        struct sockaddr_in own;
        for (int which = 0; which < 2; which++) {
            socklen_t size = sizeof own;
            getsockname(pair[which].socket, (struct sockaddr *)&own, &size);
            if (which == 0)
                snprintf(text, sizeof text, "U load%d %s %d a%d;1", call, words[1], ntohs(own.sin_port), call);
            else
                snprintf(text, sizeof text, "L load%d %s %d a%d;1 b%d;1", call, words[1], ntohs(own.sin_port), call, call);
            /* What an offer is answered with is where the other side sends to. */
            if (command(control, text, &pair[1 - which].target, engine.sin_addr) < 0) goto full;
        }
        set++;
    }
full:
    printf("%d of %d calls set up\n", set, calls);
    double before = spent(words[5]), begun = now();
    unsigned char packet[172] = {0x80, 0};
    memset(packet + 12, 0xD5, 160);
    for (long tick = 0; tick < seconds * 1000; tick++) {
        for (int call = tick % 20; call < set; call += 20) {
            for (int which = 0; which < 2; which++) {
                struct side *side = sides + call * 2 + which;
                double when = now();
                packet[2] = side->sequence >> 8;
                packet[3] = side->sequence & 255;
                packet[11] = which + 1;
                memcpy(packet + 12, &when, sizeof when);
                side->sequence++;
                if (sendto(side->socket, packet, sizeof packet, 0, (struct sockaddr *)&side->target, sizeof side->target) > 0)
                    side->sent++;
            }
        }
        do {
            struct epoll_event events[64];
            double wait = begun + (tick + 1) / 1e3 - now();
            int ready = epoll_wait(poll, events, 64, wait > 5e-4 ? 1 : 0);
            for (int number = 0; number < ready; number++) take(sides + events[number].data.u32);
            if (ready <= 0 && wait <= 5e-4) break;
        } while (now() < begun + (tick + 1) / 1e3);
    }
    double took = now() - begun;
    usleep(300000);
    for (int number = 0; number < set * 2; number++) take(sides + number);
    double cost = spent(words[5]) - before;
    uint64_t sent = 0, received = 0, repeated = 0;
    double worst = 0;
    for (int number = 0; number < set * 2; number++) {
        sent += sides[number].sent;
        received += sides[number].received;
        repeated += sides[number].repeated;
        if (sides[number].worst > worst) worst = sides[number].worst;
    }
    for (int call = 0; call < set; call++) {
        char text[128];
        snprintf(text, sizeof text, "x%d D load%d a%d b%d\n", call, call, call, call);
        send(control, text, strlen(text), 0);
        recv(control, packet, sizeof packet, 0);
    }
    printf("%.1f s, sent %llu, received %llu, lost %lld (%.3f %%), out of order %llu, longest way %.1f ms\n", took,
           (unsigned long long)sent, (unsigned long long)received, (long long)(sent - received - repeated),
           (sent - received - repeated) * 100.0 / (sent ? sent : 1), (unsigned long long)repeated, worst);
    printf("processor time %.2f s: %.1f %% of a core, %.2f us a packet\n", cost, cost / took * 100, cost * 1e6 / (sent ? sent : 1));
    return received + repeated < sent;
}
