import NIOCore
import SIPKit
import Synchronization

/// One TCP, TLS or WebSocket connection, ours or a peer's.
///
/// Its facts may be read from any thread; sending goes through ``StreamTransport``.
public final class StreamConnection: Sendable {
    /// Its name in events and in the engine's tables; never 0.
    public let number: UInt32
    public let remote: SIPKit.SocketAddress
    public let transport: TransportProtocol
    /// Which listener it came in on; `nil` for one that we opened.
    public let listener: Int?
    /// The name that was called: for SNI and for the certificate.
    public let serverName: String?

    struct State {
        var channel: (any Channel)?
        var local: SIPKit.SocketAddress?
        var tls: TLSFacts?
        var handshakes = Handshakes()
        var isOpen = false
        var isOver = false
        /// Closes when everything that was queued has been written.
        var isClosing = false
        var queue: [[UInt8]] = []
        /// Bytes in `queue` and in NIO's hands.
        var waiting = 0
        /// Whether a drain has been asked of the connection's thread.
        var isDraining = false
    }
    let state = Mutex(State())

    init(
        number: UInt32, remote: SIPKit.SocketAddress, transport: TransportProtocol, listener: Int?, serverName: String?
    ) {
        self.number = number
        self.remote = remote
        self.transport = transport
        self.listener = listener
        self.serverName = serverName
    }

    public var isInbound: Bool { self.listener != nil }
    /// Our end; known once TCP is connected.
    public var local: SIPKit.SocketAddress? { self.state.withLock(\.local) }
    /// How long the parts of opening it took.
    public var handshakes: Handshakes { self.state.withLock(\.handshakes) }

    public struct Handshakes: Sendable, Equatable {
        /// From the first packet until TCP was there; of a connection that came in, nothing.
        public var connect: Duration?
        /// From there until TLS was.
        public var tls: Duration?
    }

    /// What TLS agreed on; `nil` before the handshake and without TLS.
    public var tls: TLSFacts? { self.state.withLock(\.tls) }
    public var isOpen: Bool { self.state.withLock { $0.isOpen && !$0.isOver } }
    public var isOver: Bool { self.state.withLock(\.isOver) }

    enum Queued {
        case taken, over, full
        case drain(any Channel)
    }

    /// Puts a message behind those that wait.
    func enqueue(_ bytes: [UInt8], limit: Int) -> Queued {
        self.state.withLock { state in
            guard !state.isOver, !state.isClosing else { return .over }
            // One message always fits: the largest SIP message is as large as the limit.
            guard state.waiting == 0 || state.waiting + bytes.count <= limit else { return .full }
            state.waiting += bytes.count
            state.queue.append(bytes)
            guard state.isOpen, !state.isDraining, let channel = state.channel else { return .taken }
            state.isDraining = true
            return .drain(channel)
        }
    }

    /// Writes what waits. On the connection's own thread.
    func drain(_ channel: any Channel) {
        let (messages, closes) = self.state.withLock { state in
            state.isDraining = false
            defer { state.queue.removeAll(keepingCapacity: true) }
            return (state.queue, state.isClosing)
        }
        var total = 0
        var last: EventLoopFuture<Void>?
        for message in messages {
            total += message.count
            last = channel.write(channel.allocator.buffer(bytes: message))
        }
        channel.flush()
        let written = total
        last?.whenComplete { _ in self.state.withLock { $0.waiting -= written } }
        if closes {
            if let last { last.whenComplete { _ in channel.close(promise: nil) } } else { channel.close(promise: nil) }
        }
    }
}
