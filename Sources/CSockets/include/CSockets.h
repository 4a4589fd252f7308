/// The part of the socket interface that Glibc's module does not show to Swift: `recvmmsg`, `sendmmsg`, control
/// messages (`CMSG_*` are macros), the error queue and a signal handler. Plain data in, plain data out; every decision is
/// taken in Swift (Sources/SIPNet).
///
/// It is a `.c` file and not inline functions because these declarations need `_GNU_SOURCE` before the first system
/// header, and a header that Swift imports cannot give that. One call serves a whole batch, so it costs nothing.
#ifndef CSOCKETS_H
#define CSOCKETS_H

#include <stddef.h>
#include <stdint.h>
// Shown to Swift as they are: Glibc's module leaves them out.
#include <sys/epoll.h>
#include <sys/eventfd.h>

/// An address as numbers in host order. `family` is 4, 6, or 0 for none.
typedef struct {
    uint64_t high;
    uint64_t low;
    uint32_t scope;
    uint16_t port;
    uint8_t family;
} csockets_address;

// MARK: Receiving

typedef struct {
    uint8_t *bytes;
    uint32_t count;
    /// Whether the datagram was longer than the place for it.
    uint32_t truncated;
    csockets_address source;
    /// Where it was sent to; family 0 unless `csockets_ask_for_destination` was called for the socket.
    csockets_address destination;
    /// When the kernel took it, nanoseconds since 1970; 0 unless asked for.
    int64_t timestamp;
} csockets_datagram;

/// Places for one batch, allocated once.
typedef struct csockets_receiver csockets_receiver;

csockets_receiver *csockets_receiver_create(uint32_t capacity, uint32_t datagram_size);
void csockets_receiver_destroy(csockets_receiver *receiver);
csockets_datagram *csockets_receiver_datagrams(csockets_receiver *receiver);
/// One `recvmmsg` that does not wait: the number of datagrams, or a negative errno.
int csockets_receive(csockets_receiver *receiver, int descriptor);

// MARK: Sending

typedef struct {
    const uint8_t *bytes;
    uint32_t count;
    /// For the owner of the queue; the kernel does not see it.
    uint32_t owned;
    /// Family 0 on a connected socket.
    csockets_address destination;
    /// The local address to send from; family 0 leaves the choice to the kernel.
    csockets_address source;
} csockets_outgoing;

enum { CSOCKETS_SEND_CHUNK = 64 };

typedef struct csockets_sender csockets_sender;

/// `socket_family` is 4 or 6; IPv4 destinations of an IPv6 socket are sent as mapped addresses.
csockets_sender *csockets_sender_create(uint8_t socket_family);
void csockets_sender_destroy(csockets_sender *sender);
/// One `sendmmsg` of at most `CSOCKETS_SEND_CHUNK` datagrams: how many the kernel took, or a negative errno that is about
/// the first of them.
int csockets_send(csockets_sender *sender, int descriptor, const csockets_outgoing *first, uint32_t count);

// MARK: Errors that ICMP brought

typedef struct {
    /// Whom the datagram was for that could not be delivered.
    csockets_address destination;
    /// Who said so; family 0 when nobody is named.
    csockets_address reporter;
    int32_t error;
    uint8_t icmp_type;
    uint8_t icmp_code;
    /// When a datagram left, nanoseconds since 1970; the entry is no error then.
    int64_t sent;
} csockets_error;

/// The oldest entry of the socket's error queue: 1 and `*result`, 2 and `result->sent` for the time of a datagram that
/// left, 0 when there is none, or a negative errno.
int csockets_next_error(int descriptor, csockets_error *result);

// MARK: Sockets. All answer 0 or more on success and a negative errno on failure.

int csockets_udp_socket(uint8_t family);
int csockets_bind(int descriptor, uint8_t socket_family, csockets_address address);
int csockets_connect(int descriptor, uint8_t socket_family, csockets_address address);
int csockets_local_address(int descriptor, csockets_address *result);
int csockets_ask_for_destination(int descriptor, uint8_t socket_family);
int csockets_ask_for_timestamps(int descriptor);
/// The kernel tells when each datagram leaves: entries of the error queue.
int csockets_ask_for_send_timestamps(int descriptor);
int csockets_ask_for_errors(int descriptor, uint8_t socket_family);
int csockets_set_only_v6(int descriptor, int on);
int csockets_set_reuse_port(int descriptor, int on);
/// The DSCP and ECN byte of what is sent.
int csockets_set_traffic_class(int descriptor, uint8_t socket_family, uint8_t value);
/// Asks for a buffer size and answers with what the kernel granted (its own doubling taken back).
int csockets_set_receive_buffer(int descriptor, int size);
int csockets_set_send_buffer(int descriptor, int size);

/// Between addresses as numbers and `struct sockaddr`: `csockets_to_sockaddr` writes at most 28 bytes and answers how
/// many; `csockets_from_sockaddr` answers family 0 for what is neither IPv4 nor IPv6.
uint32_t csockets_to_sockaddr(csockets_address address, void *storage);
csockets_address csockets_from_sockaddr(const void *storage);

// MARK: Signals

/// From now on the signal writes its number as one byte into `descriptor` (a non-blocking pipe); -1 gives the signal back
/// to its default. One descriptor serves the whole process.
int csockets_watch_signal(int number, int descriptor);

#endif
