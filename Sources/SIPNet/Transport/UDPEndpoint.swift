import CSockets
import Glibc
import SIPKit

/// A UDP socket that reads and writes in batches: one `recvmmsg` brings up to 64 datagrams, one `sendmmsg` takes 64.
///
/// ```swift
/// let endpoint = try UDPEndpoint(bind: SocketAddress(.loopbackV4, 5060))
/// try loop.add(endpoint.descriptor, token: 1)
/// …                                                   // when token 1 is readable:
/// let batch = endpoint.receive()
/// for index in 0..<batch.count { engine.receive(batch[index].span, from: batch[index].source, now) }
/// endpoint.flush()
/// ```
///
/// It never waits, and it belongs to one thread. Nothing is allocated after `init`, and the class has no variable
/// properties: what changes lies behind pointers, so the hot path has no exclusivity checks.
public final class UDPEndpoint {
    public struct Options: Sendable {
        /// Asked of the kernel, in bytes; `receiveBufferSize` tells what it gave.
        public var receiveBuffer = 4 << 20
        public var sendBuffer = 4 << 20
        /// How many datagrams one `receive()` can bring.
        public var batch = 64
        /// Room for each. 65,535 is the most UDP can carry; memory that no datagram reaches is never touched.
        public var datagramSize = 65_535
        /// How many datagrams may wait to be sent, and how many bytes of copies.
        public var queueCapacity = 1024
        public var copySpace = 1 << 20
        /// An IPv6 wildcard takes IPv4 as well, which then looks like IPv4 on both sides.
        public var isDualStack = false
        /// Several endpoints on one address share what arrives (SO_REUSEPORT).
        public var sharesPort = false
        /// Reports ICMP errors through `nextError()`, also for an endpoint that is not connected.
        public var reportsErrors = false
        /// Asks the kernel when it took each datagram.
        public var timestamps = false
        /// Asks the kernel when each datagram leaves; ``UDPEndpoint/takeSendTime()`` tells.
        public var sendTimestamps = false
        /// The DSCP and ECN byte of what is sent; `nil` leaves the system's.
        public var trafficClass: UInt8?

        public init() {}
    }

    public let descriptor: Int32
    /// What it is bound to, with the port the kernel chose where 0 was asked for. For a connected endpoint also the
    /// address the kernel chose.
    public let localAddress: SocketAddress
    /// The peer of a connected endpoint.
    public let peer: SocketAddress?
    /// What the kernel granted, in bytes. Less than asked for means that `net.core.rmem_max` is in the way.
    public let receiveBufferSize: Int
    public let sendBufferSize: Int

    private let receiver: OpaquePointer
    private let datagrams: UnsafeMutablePointer<csockets_datagram>
    private let queue: SendQueue
    private let reportsErrors: Bool

    /// Opens a socket.
    ///
    /// - Parameters:
    ///   - address: port 0 lets the kernel choose.
    ///   - peer: connects the socket: only this peer's datagrams are received, and ICMP errors are reported.
    /// - Throws: ``SocketError`` with what failed, for example an address already in use.
    public init(
        bind address: SocketAddress, connect peer: SocketAddress? = nil, options: Options = Options()
    ) throws(SocketError) {
        let family = address.ip.family
        let descriptor = try SocketError.check(csockets_udp_socket(family.rawValue), "open a UDP socket")
        var owned: OpaquePointer?
        do throws(SocketError) {
            let reportsErrors = options.reportsErrors || peer != nil
            try Self.configure(descriptor, address, options, reportsErrors: reportsErrors)
            self.receiveBufferSize = Int(
                try SocketError.check(
                    csockets_set_receive_buffer(descriptor, Int32(clamping: options.receiveBuffer)),
                    "set the receive buffer"))
            self.sendBufferSize = Int(
                try SocketError.check(
                    csockets_set_send_buffer(descriptor, Int32(clamping: options.sendBuffer)), "set the send buffer"))
            try SocketError.check(csockets_bind(descriptor, family.rawValue, address.plain), "bind", address)
            if let peer {
                try SocketError.check(csockets_connect(descriptor, family.rawValue, peer.plain), "connect to", peer)
            }
            var local = csockets_address()
            try SocketError.check(csockets_local_address(descriptor, &local), "read the address of the socket")
            self.localAddress = Self.restoringFamily(
                SocketAddress(local) ?? address, of: address, isConnected: peer != nil)
            owned = csockets_receiver_create(
                UInt32(clamping: Swift.max(1, options.batch)), UInt32(clamping: Swift.max(1, options.datagramSize)))
            guard let receiver = owned else { throw SocketError("allocate a receive arena", code: ENOMEM) }
            self.queue = try SendQueue(
                descriptor: descriptor, family: family, capacity: options.queueCapacity, copySpace: options.copySpace,
                retriesSoftErrors: reportsErrors)
            self.receiver = receiver
            self.datagrams = csockets_receiver_datagrams(receiver)
            self.reportsErrors = reportsErrors
            self.descriptor = descriptor
            self.peer = peer
        } catch {
            csockets_receiver_destroy(owned)
            close(descriptor)
            throw error
        }
    }

    deinit {
        csockets_receiver_destroy(self.receiver)
        close(self.descriptor)
    }

    private static func configure(
        _ descriptor: Int32, _ address: SocketAddress, _ options: Options, reportsErrors: Bool
    ) throws(SocketError) {
        let family = address.ip.family.rawValue
        if address.ip.family == .v6 {
            try SocketError.check(csockets_set_only_v6(descriptor, options.isDualStack ? 0 : 1), "set IPV6_V6ONLY")
        }
        if options.sharesPort {
            try SocketError.check(csockets_set_reuse_port(descriptor, 1), "share the port of", address)
        }
        if address.ip.isAny {
            try SocketError.check(csockets_ask_for_destination(descriptor, family), "ask for destination addresses")
        }
        if options.timestamps {
            try SocketError.check(csockets_ask_for_timestamps(descriptor), "ask for timestamps")
        }
        if options.sendTimestamps {
            try SocketError.check(csockets_ask_for_send_timestamps(descriptor), "ask for times of sending")
        }
        if reportsErrors {
            try SocketError.check(csockets_ask_for_errors(descriptor, family), "ask for ICMP errors")
        }
        if let value = options.trafficClass {
            try SocketError.check(csockets_set_traffic_class(descriptor, family, value), "set the traffic class")
        }
    }

    /// A dual-stack socket connected to IPv4 tells a mapped address, which is IPv4 to everybody here.
    private static func restoringFamily(
        _ local: SocketAddress, of asked: SocketAddress, isConnected: Bool
    ) -> SocketAddress {
        isConnected || local.ip.family == asked.ip.family
            ? local : SocketAddress(asked.ip, local.port, scope: asked.scope)
    }

    // MARK: Receiving

    /// What has arrived, up to `Options.batch` datagrams; empty when there is nothing. The batch lies in the endpoint's
    /// own memory until the next call.
    public func receive() -> ReceivedBatch {
        // An ICMP error for something sent earlier interrupts a read; it stays for `nextError()`.
        for _ in 0..<8 {
            let result = csockets_receive(self.receiver, self.descriptor)
            if result > 0 {
                self.count(Int(result))
                return ReceivedBatch(datagrams: self.datagrams, count: Int(result))
            }
            if -result == EAGAIN || result == 0 { break }
        }
        return ReceivedBatch(datagrams: self.datagrams, count: 0)
    }

    private func count(_ received: Int) {
        let statistics = self.queue.state
        statistics.pointee.statistics.received &+= UInt64(received)
        statistics.pointee.statistics.batches &+= 1
        for at in 0..<received where self.datagrams[at].truncated != 0 {
            statistics.pointee.statistics.truncated &+= 1
        }
    }

    // MARK: Sending

    /// Queues a datagram without copying it.
    ///
    /// The bytes must stay as they are until `flush()` returns; after that the endpoint does not look at them again, not
    /// even at those the kernel did not take. When the queue is full it is flushed first.
    ///
    /// - Parameters:
    ///   - destination: left out on a connected endpoint.
    ///   - source: from which of our addresses to send, where the endpoint is bound to a wildcard: a reply goes out from
    ///     the address that the request came to.
    public func enqueue(
        borrowing bytes: UnsafeBufferPointer<UInt8>, to destination: SocketAddress? = nil, from source: IPAddress? = nil
    ) {
        self.queue.append(
            borrowing: bytes, destination?.plain ?? csockets_address(), source?.plain ?? csockets_address())
    }

    /// Queues a copy of a datagram; the bytes are the caller's again at once.
    public func enqueue(
        copying bytes: UnsafeBufferPointer<UInt8>, to destination: SocketAddress? = nil, from source: IPAddress? = nil
    ) {
        self.queue.append(
            copying: bytes, destination?.plain ?? csockets_address(), source?.plain ?? csockets_address())
    }

    public func enqueue(
        copying bytes: Span<UInt8>, to destination: SocketAddress? = nil, from source: IPAddress? = nil
    ) {
        unsafe bytes.withUnsafeBufferPointer { self.enqueue(copying: $0, to: destination, from: source) }
    }

    public func enqueue(
        copying bytes: [UInt8], to destination: SocketAddress? = nil, from source: IPAddress? = nil
    ) {
        bytes.withUnsafeBufferPointer { self.enqueue(copying: $0, to: destination, from: source) }
    }

    /// Hands what is queued to the kernel, in order.
    ///
    /// - Returns: `false` when the kernel's buffer is full: the rest waits (as copies), and `flush()` is called again when
    ///   the descriptor is writable.
    @discardableResult
    public func flush() -> Bool {
        if self.queue.state.pointee.count > 0 { self.queue.flush() }
        return !self.queue.state.pointee.isBlocked
    }

    /// Whether something waits for the descriptor to be writable.
    public var isBlocked: Bool { self.queue.state.pointee.isBlocked }

    // MARK: What went wrong

    /// The next datagram known not to have arrived: those the kernel refused, then those an ICMP error came back for
    /// (connected endpoints, and `reportsErrors`). To be called until `nil` when the descriptor shows an error.
    public func nextError() -> DeliveryError? {
        if let failure = self.queue.nextFailure() { return self.namingPeer(failure) }
        guard self.reportsErrors else { return nil }
        var plain = csockets_error()
        var result = csockets_next_error(self.descriptor, &plain)
        // A time that nobody took in time.
        while result == 2 { result = csockets_next_error(self.descriptor, &plain) }
        guard result == 1 else { return nil }
        return self.namingPeer(Self.error(plain))
    }

    /// When the datagram that was flushed last left, in nanoseconds since 1970 (`sendTimestamps`).
    ///
    /// To be asked right after ``flush()``: most drivers have told by then. `nil` where nothing is told yet. ICMP errors
    /// that are met on the way stay for ``nextError()``.
    public func takeSendTime() -> Int64? {
        var last: Int64?
        while true {
            var plain = csockets_error()
            switch csockets_next_error(self.descriptor, &plain) {
            case 2: last = plain.sent
            case 1: self.queue.remember(Self.error(plain))
            default: return last
            }
        }
    }

    private static func error(_ plain: csockets_error) -> DeliveryError {
        DeliveryError(
            destination: SocketAddress(plain.destination) ?? SocketAddress(.anyV4, 0), code: plain.error,
            reporter: IPAddress(plain.reporter))
    }

    private func namingPeer(_ error: DeliveryError) -> DeliveryError {
        guard let peer, error.destination.port == 0 else { return error }
        var named = error
        named.destination = peer
        return named
    }

    public var statistics: UDPStatistics { self.queue.state.pointee.statistics }
}
