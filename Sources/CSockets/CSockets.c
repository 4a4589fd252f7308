#define _GNU_SOURCE
#include "CSockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// MARK: Addresses

static uint64_t read_64(const uint8_t *bytes) {
    uint64_t value;
    memcpy(&value, bytes, 8);
    return __builtin_bswap64(value);
}

static void write_64(uint8_t *bytes, uint64_t value) {
    value = __builtin_bswap64(value);
    memcpy(bytes, &value, 8);
}

/// ::ffff:a.b.c.d is what a dual-stack socket shows for IPv4.
static csockets_address from_in6(const struct in6_addr *address, uint16_t port, uint32_t scope) {
    csockets_address result = {0};
    result.high = read_64(address->s6_addr);
    result.low = read_64(address->s6_addr + 8);
    result.port = port;
    result.scope = scope;
    result.family = 6;
    if (result.high == 0 && result.low >> 32 == 0xFFFF) {
        result.low &= 0xFFFFFFFF;
        result.scope = 0;
        result.family = 4;
    }
    return result;
}

static csockets_address from_in(struct in_addr address, uint16_t port) {
    csockets_address result = {0};
    result.low = ntohl(address.s_addr);
    result.port = port;
    result.family = 4;
    return result;
}

static void to_in6(csockets_address address, struct in6_addr *result) {
    write_64(result->s6_addr, address.family == 4 ? 0 : address.high);
    write_64(result->s6_addr + 8, address.family == 4 ? (0xFFFFULL << 32 | address.low) : address.low);
}

csockets_address csockets_from_sockaddr(const void *storage) {
    const struct sockaddr *generic = storage;
    csockets_address none = {0};
    if (generic->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = storage;
        return from_in(v4->sin_addr, ntohs(v4->sin_port));
    }
    if (generic->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = storage;
        return from_in6(&v6->sin6_addr, ntohs(v6->sin6_port), v6->sin6_scope_id);
    }
    return none;
}

/// For a socket of the given family, so that IPv4 goes through an IPv6 socket as a mapped address.
static socklen_t to_sockaddr(csockets_address address, uint8_t socket_family, void *storage) {
    if (socket_family == 6) {
        struct sockaddr_in6 *v6 = storage;
        memset(v6, 0, sizeof *v6);
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(address.port);
        v6->sin6_scope_id = address.scope;
        to_in6(address, &v6->sin6_addr);
        return sizeof *v6;
    }
    struct sockaddr_in *v4 = storage;
    memset(v4, 0, sizeof *v4);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(address.port);
    v4->sin_addr.s_addr = htonl((uint32_t)address.low);
    return sizeof *v4;
}

uint32_t csockets_to_sockaddr(csockets_address address, void *storage) {
    return to_sockaddr(address, address.family, storage);
}

// MARK: Receiving

enum {
    CONTROL_SIZE = CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(struct in_pktinfo))
        + CMSG_SPACE(sizeof(struct timespec))
};

typedef union {
    struct cmsghdr align;
    uint8_t bytes[CONTROL_SIZE];
} receive_control;

struct csockets_receiver {
    uint32_t capacity;
    uint8_t *arena;
    struct mmsghdr *headers;
    struct iovec *pieces;
    struct sockaddr_storage *names;
    receive_control *controls;
    csockets_datagram *datagrams;
};

csockets_receiver *csockets_receiver_create(uint32_t capacity, uint32_t datagram_size) {
    csockets_receiver *receiver = calloc(1, sizeof *receiver);
    if (!receiver) return NULL;
    // Places a power of two apart would all fall on the same few sets of the caches; 13 more lines spread them.
    size_t stride = ((size_t)datagram_size + 63) / 64 * 64 + 13 * 64;
    receiver->capacity = capacity;
    receiver->arena = malloc(stride * capacity);
    receiver->headers = calloc(capacity, sizeof *receiver->headers);
    receiver->pieces = calloc(capacity, sizeof *receiver->pieces);
    receiver->names = calloc(capacity, sizeof *receiver->names);
    receiver->controls = calloc(capacity, sizeof *receiver->controls);
    receiver->datagrams = calloc(capacity, sizeof *receiver->datagrams);
    if (!receiver->arena || !receiver->headers || !receiver->pieces || !receiver->names || !receiver->controls
        || !receiver->datagrams) {
        csockets_receiver_destroy(receiver);
        return NULL;
    }
    for (uint32_t at = 0; at < capacity; at++) {
        receiver->datagrams[at].bytes = receiver->arena + stride * at;
        receiver->pieces[at].iov_base = receiver->datagrams[at].bytes;
        receiver->pieces[at].iov_len = datagram_size;
        struct msghdr *header = &receiver->headers[at].msg_hdr;
        header->msg_iov = &receiver->pieces[at];
        header->msg_iovlen = 1;
        header->msg_name = &receiver->names[at];
        header->msg_namelen = sizeof receiver->names[at];
        header->msg_control = &receiver->controls[at];
        header->msg_controllen = CONTROL_SIZE;
    }
    return receiver;
}

void csockets_receiver_destroy(csockets_receiver *receiver) {
    if (!receiver) return;
    free(receiver->arena);
    free(receiver->headers);
    free(receiver->pieces);
    free(receiver->names);
    free(receiver->controls);
    free(receiver->datagrams);
    free(receiver);
}

csockets_datagram *csockets_receiver_datagrams(csockets_receiver *receiver) { return receiver->datagrams; }

static void read_control(struct msghdr *header, csockets_datagram *datagram) {
    for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part; part = CMSG_NXTHDR(header, part)) {
        if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(part), sizeof info);
            datagram->destination = from_in(info.ipi_addr, 0);
        } else if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(part), sizeof info);
            datagram->destination = from_in6(&info.ipi6_addr, 0, 0);
        } else if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec time;
            memcpy(&time, CMSG_DATA(part), sizeof time);
            datagram->timestamp = (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
        }
    }
}

int csockets_receive(csockets_receiver *receiver, int descriptor) {
    int count = recvmmsg(descriptor, receiver->headers, receiver->capacity, MSG_DONTWAIT, NULL);
    if (count < 0) return -errno;
    for (int at = 0; at < count; at++) {
        struct mmsghdr *message = &receiver->headers[at];
        csockets_datagram *datagram = &receiver->datagrams[at];
        datagram->count = message->msg_len;
        datagram->truncated = (message->msg_hdr.msg_flags & MSG_TRUNC) != 0;
        datagram->source = csockets_from_sockaddr(&receiver->names[at]);
        datagram->destination.family = 0;
        datagram->timestamp = 0;
        if (message->msg_hdr.msg_controllen > 0) read_control(&message->msg_hdr, datagram);
        // The kernel wrote how much of these it used.
        message->msg_hdr.msg_namelen = sizeof receiver->names[at];
        message->msg_hdr.msg_controllen = CONTROL_SIZE;
    }
    return count;
}

// MARK: Sending

typedef union {
    struct cmsghdr align;
    uint8_t bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
} send_control;

struct csockets_sender {
    uint8_t family;
    struct mmsghdr headers[CSOCKETS_SEND_CHUNK];
    struct iovec pieces[CSOCKETS_SEND_CHUNK];
    struct sockaddr_in6 names[CSOCKETS_SEND_CHUNK];
    send_control controls[CSOCKETS_SEND_CHUNK];
};

csockets_sender *csockets_sender_create(uint8_t socket_family) {
    csockets_sender *sender = calloc(1, sizeof *sender);
    if (!sender) return NULL;
    sender->family = socket_family;
    for (int at = 0; at < CSOCKETS_SEND_CHUNK; at++) {
        sender->headers[at].msg_hdr.msg_iov = &sender->pieces[at];
        sender->headers[at].msg_hdr.msg_iovlen = 1;
    }
    return sender;
}

void csockets_sender_destroy(csockets_sender *sender) { free(sender); }

static void write_source(csockets_sender *sender, int at, csockets_address source) {
    struct msghdr *header = &sender->headers[at].msg_hdr;
    if (source.family == 0) {
        header->msg_control = NULL;
        header->msg_controllen = 0;
        return;
    }
    memset(&sender->controls[at], 0, sizeof sender->controls[at]);
    header->msg_control = &sender->controls[at];
    header->msg_controllen = sizeof sender->controls[at];
    struct cmsghdr *part = CMSG_FIRSTHDR(header);
    if (sender->family == 4) {
        struct in_pktinfo info = {0};
        info.ipi_spec_dst.s_addr = htonl((uint32_t)source.low);
        part->cmsg_level = IPPROTO_IP;
        part->cmsg_type = IP_PKTINFO;
        part->cmsg_len = CMSG_LEN(sizeof info);
        memcpy(CMSG_DATA(part), &info, sizeof info);
        header->msg_controllen = CMSG_SPACE(sizeof info);
    } else {
        struct in6_pktinfo info = {0};
        to_in6(source, &info.ipi6_addr);
        part->cmsg_level = IPPROTO_IPV6;
        part->cmsg_type = IPV6_PKTINFO;
        part->cmsg_len = CMSG_LEN(sizeof info);
        memcpy(CMSG_DATA(part), &info, sizeof info);
        header->msg_controllen = CMSG_SPACE(sizeof info);
    }
}

int csockets_send(csockets_sender *sender, int descriptor, const csockets_outgoing *first, uint32_t count) {
    if (count > CSOCKETS_SEND_CHUNK) count = CSOCKETS_SEND_CHUNK;
    for (uint32_t at = 0; at < count; at++) {
        struct msghdr *header = &sender->headers[at].msg_hdr;
        sender->pieces[at].iov_base = (void *)first[at].bytes;
        sender->pieces[at].iov_len = first[at].count;
        if (first[at].destination.family == 0) {
            header->msg_name = NULL;
            header->msg_namelen = 0;
        } else {
            header->msg_name = &sender->names[at];
            header->msg_namelen = to_sockaddr(first[at].destination, sender->family, &sender->names[at]);
        }
        write_source(sender, (int)at, first[at].source);
    }
    int sent = sendmmsg(descriptor, sender->headers, count, MSG_DONTWAIT);
    return sent < 0 ? -errno : sent;
}

// MARK: Errors that ICMP brought

/// The software time stamp of a message that left.
static int64_t sent_time(struct msghdr *header) {
    for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part; part = CMSG_NXTHDR(header, part)) {
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_TIMESTAMPING) {
            struct timespec time;
            memcpy(&time, CMSG_DATA(part), sizeof time);
            return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
        }
    }
    return 0;
}

int csockets_next_error(int descriptor, csockets_error *result) {
    struct sockaddr_storage name;
    union {
        struct cmsghdr align;
        uint8_t bytes[512];
    } control;
    uint8_t original[64];
    struct iovec piece = {original, sizeof original};
    memset(result, 0, sizeof *result);
    for (;;) {
        struct msghdr header = {0};
        memset(&name, 0, sizeof name);
        header.msg_name = &name;
        header.msg_namelen = sizeof name;
        header.msg_iov = &piece;
        header.msg_iovlen = 1;
        header.msg_control = &control;
        header.msg_controllen = sizeof control;
        if (recvmsg(descriptor, &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) {
            if (errno == EINTR) continue;
            return errno == EAGAIN ? 0 : -errno;
        }
        for (struct cmsghdr *part = CMSG_FIRSTHDR(&header); part; part = CMSG_NXTHDR(&header, part)) {
            if ((part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_RECVERR)
                || (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_RECVERR)) {
                struct sock_extended_err *told = (struct sock_extended_err *)CMSG_DATA(part);
                // No error: the time that was asked for. It stands in a part of its own.
                if (told->ee_origin == SO_EE_ORIGIN_TIMESTAMPING) {
                    result->sent = sent_time(&header);
                    if (result->sent > 0) return 2;
                    continue;
                }
                // What this host refused was already the result of the send.
                if (told->ee_origin == SO_EE_ORIGIN_LOCAL) continue;
                result->error = (int32_t)told->ee_errno;
                result->icmp_type = told->ee_type;
                result->icmp_code = told->ee_code;
                result->destination = csockets_from_sockaddr(&name);
                if (told->ee_origin == SO_EE_ORIGIN_ICMP || told->ee_origin == SO_EE_ORIGIN_ICMP6) {
                    result->reporter = csockets_from_sockaddr(SO_EE_OFFENDER(told));
                }
                return 1;
            }
        }
    }
}

// MARK: Sockets

static int result_of(int value) { return value < 0 ? -errno : value; }

static int set_flag(int descriptor, int level, int name, int value) {
    return result_of(setsockopt(descriptor, level, name, &value, sizeof value));
}

int csockets_udp_socket(uint8_t family) {
    return result_of(socket(family == 6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

int csockets_bind(int descriptor, uint8_t socket_family, csockets_address address) {
    struct sockaddr_storage storage;
    socklen_t length = to_sockaddr(address, socket_family, &storage);
    return result_of(bind(descriptor, (struct sockaddr *)&storage, length));
}

int csockets_connect(int descriptor, uint8_t socket_family, csockets_address address) {
    struct sockaddr_storage storage;
    socklen_t length = to_sockaddr(address, socket_family, &storage);
    return result_of(connect(descriptor, (struct sockaddr *)&storage, length));
}

int csockets_local_address(int descriptor, csockets_address *result) {
    struct sockaddr_storage storage;
    socklen_t length = sizeof storage;
    if (getsockname(descriptor, (struct sockaddr *)&storage, &length) < 0) return -errno;
    *result = csockets_from_sockaddr(&storage);
    return 0;
}

int csockets_ask_for_destination(int descriptor, uint8_t socket_family) {
    return socket_family == 6 ? set_flag(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
                              : set_flag(descriptor, IPPROTO_IP, IP_PKTINFO, 1);
}

int csockets_ask_for_timestamps(int descriptor) { return set_flag(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, 1); }

int csockets_ask_for_send_timestamps(int descriptor) {
    return set_flag(
        descriptor, SOL_SOCKET, SO_TIMESTAMPING,
        SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_TSONLY);
}

int csockets_ask_for_errors(int descriptor, uint8_t socket_family) {
    // A dual-stack socket needs both; on a socket for IPv6 alone the first one does no harm.
    int result = set_flag(descriptor, IPPROTO_IP, IP_RECVERR, 1);
    return socket_family == 6 ? set_flag(descriptor, IPPROTO_IPV6, IPV6_RECVERR, 1) : result;
}

int csockets_set_only_v6(int descriptor, int on) { return set_flag(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, on); }

int csockets_set_reuse_port(int descriptor, int on) { return set_flag(descriptor, SOL_SOCKET, SO_REUSEPORT, on); }

int csockets_set_traffic_class(int descriptor, uint8_t socket_family, uint8_t value) {
    return socket_family == 6 ? set_flag(descriptor, IPPROTO_IPV6, IPV6_TCLASS, value)
                              : set_flag(descriptor, IPPROTO_IP, IP_TOS, value);
}

static int set_buffer(int descriptor, int name, int forced, int size) {
    // With the right to do so the limit of the system does not hold.
    if (set_flag(descriptor, SOL_SOCKET, forced, size) < 0) {
        int result = set_flag(descriptor, SOL_SOCKET, name, size);
        if (result < 0) return result;
    }
    int granted = 0;
    socklen_t length = sizeof granted;
    if (getsockopt(descriptor, SOL_SOCKET, name, &granted, &length) < 0) return -errno;
    return granted / 2;
}

int csockets_set_receive_buffer(int descriptor, int size) {
    return set_buffer(descriptor, SO_RCVBUF, SO_RCVBUFFORCE, size);
}

int csockets_set_send_buffer(int descriptor, int size) {
    return set_buffer(descriptor, SO_SNDBUF, SO_SNDBUFFORCE, size);
}

// MARK: Signals

static volatile sig_atomic_t signal_descriptor = -1;

static void signal_arrived(int number) {
    int saved = errno;
    uint8_t byte = (uint8_t)number;
    // A full pipe already holds what the reader has to know.
    if (signal_descriptor >= 0 && write(signal_descriptor, &byte, 1) < 0) { /* nothing can be done here */ }
    errno = saved;
}

int csockets_watch_signal(int number, int descriptor) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    action.sa_handler = descriptor < 0 ? SIG_DFL : signal_arrived;
    if (descriptor >= 0) signal_descriptor = descriptor;
    return result_of(sigaction(number, &action, NULL));
}
