import Glibc
import NIOCore
import NIOPosix
import SIPKit
import Synchronization

/// TCP, TLS, WebSocket and secure WebSocket for a loop that is not NIO's.
///
/// NIO's threads do the work of the connections and hand whole messages over; the owner is woken, takes the events, and
/// sends. All calls are quick and none waits.
///
/// ```swift
/// let streams = try StreamTransport(waker: loop.waker)
/// try streams.listen(on: SocketAddress(.loopbackV4, 5060), .tcp)
/// let connection = streams.connect(to: server, .tls, serverName: "sip.example.org")
/// streams.send(request, on: connection)                  // waits there until the handshakes are done
/// …                                                      // whenever the loop was woken:
/// for event in streams.takeEvents() { … }
/// ```
public final class StreamTransport: Sendable {
    /// What the connections share.
    final class Shared: Sendable {
        let options: StreamOptions
        let inbox: StreamInbox
        let table = Mutex(ConnectionTable())
        let counters = Mutex(Counters())
        let connectionLimit: Int

        init(_ options: StreamOptions, wake: @escaping @Sendable () -> Void) {
            self.options = options
            self.inbox = StreamInbox(limit: options.inbox, wake: wake)
            self.connectionLimit = options.affordableConnections
        }
    }

    /// What was counted since the start.
    public struct Counters: Sendable, Equatable {
        public var accepted = 0
        /// Sent away at once because there are too many, in all or of one source.
        public var refused = 0
        public var connected = 0
    }

    private struct Listeners {
        var channels: [any Channel] = []
    }

    private let shared: Shared
    private let group: MultiThreadedEventLoopGroup
    private let client: TLSContext
    private let listeners = Mutex(Listeners())

    /// - Parameters:
    ///   - tls: for connections that we open.
    ///   - wake: called from other threads when there are events after there were none.
    /// - Throws: ``TLSSettingsError``.
    public init(
        _ options: StreamOptions = StreamOptions(), tls: TLSOptions = TLSOptions(), wake: @escaping @Sendable () -> Void
    ) throws(TLSSettingsError) {
        self.client = try TLSContext(client: tls)
        self.shared = Shared(options, wake: wake)
        self.group = MultiThreadedEventLoopGroup(numberOfThreads: Swift.max(1, options.threads))
    }

    public convenience init(
        _ options: StreamOptions = StreamOptions(), tls: TLSOptions = TLSOptions(), waker: Waker
    ) throws(TLSSettingsError) {
        try self.init(options, tls: tls) { waker.wake() }
    }

    /// Everything that has happened since the last call, in order.
    public func takeEvents() -> [StreamEvent] { self.shared.inbox.take() }

    public var counters: Counters { self.shared.counters.withLock { $0 } }
    public var connectionCount: Int { self.shared.table.withLock(\.count) }
    public func connection(_ number: UInt32) -> StreamConnection? { self.shared.table.withLock { $0[number] } }

    // MARK: Listening

    /// Takes connections in.
    ///
    /// - Parameters:
    ///   - number: the owner's name for this listener; its connections have it.
    ///   - tls: certificate and key, for `.tls` and `.wss`.
    /// - Returns: the address with the port that the kernel chose where 0 was asked for.
    /// - Throws: ``SocketError`` or ``TLSSettingsError``.
    public func listen(
        on address: SIPKit.SocketAddress, _ transport: TransportProtocol, number: Int = 0, tls: TLSOptions? = nil
    ) throws -> SIPKit.SocketAddress {
        guard let wanted = address.nio else { throw SocketError("bind", address, code: EAFNOSUPPORT) }
        let context = transport.isSecure ? try TLSContext(server: tls ?? TLSOptions()) : nil
        let shared = self.shared
        let bootstrap = ServerBootstrap(group: self.group)
            .serverChannelOption(.backlog, value: 4_096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try Self.take(channel, transport, number, context, shared)
                }
            }
        do {
            // Only at start, before there is anything to hold up.
            let channel = try bootstrap.bind(to: wanted).wait()
            self.listeners.withLock { $0.channels.append(channel) }
            return SIPKit.SocketAddress(channel.localAddress) ?? address
        } catch let error as IOError {
            throw SocketError("bind", address, code: error.errnoCode)
        }
    }

    /// On the channel's thread: a connection has come in.
    private static func take(
        _ channel: any Channel, _ transport: TransportProtocol, _ listener: Int, _ context: TLSContext?,
        _ shared: Shared
    ) throws {
        guard let remote = SIPKit.SocketAddress(channel.remoteAddress) else { throw StreamError.closedByPeer }
        let connection = shared.table.withLock { table -> StreamConnection? in
            guard table.count < shared.connectionLimit,
                table.inboundCount(of: remote.ip) < shared.options.connectionsPerSource
            else { return nil }
            let connection = StreamConnection(
                number: table.newNumber(), remote: remote, transport: transport, listener: listener, serverName: nil)
            table.insert(connection)
            return connection
        }
        guard let connection else {
            shared.counters.withLock { $0.refused += 1 }
            throw StreamError.tooMany("connections")
        }
        shared.counters.withLock { $0.accepted += 1 }
        let life = ConnectionLife(connection, channel, shared)
        life.begin()
        try Self.furnish(life, context, isClient: false)
    }

    // MARK: Connecting

    /// The connection to this place: one that is there, or a new one that opens.
    ///
    /// - Parameters:
    ///   - serverName: the host of the URI that was called: for SNI, and what the certificate has to name (RFC 5922
    ///     §7.2). Without it the certificate has to name the address.
    ///   - local: which of our addresses to use.
    public func connect(
        to remote: SIPKit.SocketAddress, _ transport: TransportProtocol, serverName: String? = nil,
        from local: IPAddress? = nil
    ) -> StreamConnection {
        let way = ConnectionTable.Way(
            remote: remote, transport: transport, serverName: transport.isSecure ? serverName?.lowercased() : nil)
        let (connection, isNew, isAllowed) = self.shared.table.withLock { table in
            if let known = table.connection(way) { return (known, false, true) }
            let connection = StreamConnection(
                number: table.newNumber(), remote: remote, transport: transport, listener: nil, serverName: serverName)
            let isAllowed = table.count < self.shared.connectionLimit
            if isAllowed { table.insert(connection) }
            return (connection, true, isAllowed)
        }
        guard isNew else { return connection }
        guard isAllowed else {
            connection.state.withLock { $0.isOver = true }
            self.shared.inbox.put(.closed(connection, .tooMany("connections"), wasOpen: false))
            return connection
        }
        self.open(connection, from: local)
        return connection
    }

    /// Lets requests for another port of the connection's peer go over it, too: the one that it listens on (RFC 5923).
    ///
    /// - Returns: `false` where another connection leads there, or this one is over.
    public func addAlias(_ connection: UInt32, port: UInt16) -> Bool {
        self.shared.table.withLock { $0.addAlias(connection, port: port) }
    }

    /// A connection that is there already, if any.
    public func existing(
        to remote: SIPKit.SocketAddress, _ transport: TransportProtocol, serverName: String? = nil
    ) -> StreamConnection? {
        self.shared.table.withLock {
            $0.connection(
                ConnectionTable.Way(
                    remote: remote, transport: transport,
                    serverName: transport.isSecure ? serverName?.lowercased() : nil))
        }
    }

    private func open(_ connection: StreamConnection, from local: IPAddress?) {
        let (shared, context) = (self.shared, self.client)
        let holder = LifeHolder()
        var bootstrap = ClientBootstrap(group: self.group)
            .connectTimeout(.init(shared.options.openTimeout))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let life = ConnectionLife(connection, channel, shared)
                    holder.life.withLock { $0 = NIOLoopBound(life, eventLoop: channel.eventLoop) }
                    life.begin()
                    try Self.furnish(life, connection.transport.isSecure ? context : nil, isClient: true)
                }
            }
        if let local, let from = SIPKit.SocketAddress(local, 0).nio { bootstrap = bootstrap.bind(to: from) }
        guard let remote = connection.remote.nio else { return }
        bootstrap.connect(to: remote).whenComplete { result in
            switch result {
            case .success: shared.counters.withLock { $0.connected += 1 }
            case .failure(let error):
                let life = holder.life.withLock { $0 }
                life?.value.connectFailed(StreamError(error))
            }
        }
    }

    /// Puts the handlers into a new channel.
    private static func furnish(_ life: ConnectionLife, _ context: TLSContext?, isClient: Bool) throws {
        let pipeline = life.channel.pipeline.syncOperations
        let isWebSocket = life.connection.transport == .ws || life.connection.transport == .wss
        guard isWebSocket else {
            let last = MessageHandler(life, hasFrames: false, opensAtOnce: context == nil)
            if let context { try pipeline.addHandlers(context.handlers(life) { _ in life.opened() }) }
            return try pipeline.addHandler(last)
        }
        if isClient {
            let asking = Asking()
            if let context {
                try pipeline.addHandlers(context.handlers(life) { _ in asking.ask?() })
            } else {
                try pipeline.addHandler(ActiveWatch(life) { asking.ask?() })
            }
            asking.ask = try WebSocketUpgrade.addClient(life)
        } else {
            if let context {
                try pipeline.addHandlers(context.handlers(life) { _ in })
            } else {
                try pipeline.addHandler(ActiveWatch(life) {})
            }
            try WebSocketUpgrade.addServer(life)
        }
    }

    // MARK: Sending and closing

    /// Sends one message; it waits while the connection opens.
    ///
    /// - Returns: `false` when the connection is over, or is closed now because its peer does not read.
    @discardableResult
    public func send(_ message: [UInt8], on connection: StreamConnection) -> Bool {
        switch connection.enqueue(message, limit: self.shared.options.sendQueue) {
        case .taken: return true
        case .drain(let channel):
            channel.eventLoop.execute { connection.drain(channel) }
            return true
        case .over: return false
        case .full:
            self.abort(connection, .sendQueueFull)
            return false
        }
    }

    /// Closes when all that was sent has been written.
    public func close(_ connection: StreamConnection) {
        let channel = connection.state.withLock { state -> (any Channel)? in
            guard !state.isOver, !state.isClosing else { return nil }
            state.isClosing = true
            return state.channel
        }
        guard let channel else { return }
        channel.eventLoop.execute { connection.drain(channel) }
    }

    private func abort(_ connection: StreamConnection, _ reason: StreamError) {
        guard let channel = connection.state.withLock(\.channel) else { return }
        channel.pipeline.fireErrorCaught(reason)
    }

    /// Closes everything, listeners and connections, without waiting; events still come.
    public func stop() {
        for channel in self.listeners.withLock({ $0.channels }) { channel.close(promise: nil) }
        for connection in self.shared.table.withLock({ $0.all }) { self.close(connection) }
    }

    deinit {
        for channel in self.listeners.withLock({ $0.channels }) { channel.close(promise: nil) }
        self.group.shutdownGracefully { _ in }
    }
}

/// A connection's life, once its channel has been made.
private final class LifeHolder: Sendable {
    let life = Mutex<NIOLoopBound<ConnectionLife>?>(nil)
}

/// What to do when TLS is ready; known only after the handlers behind it have been made.
private final class Asking {
    var ask: (() -> Void)?
}

/// Tells when TCP is there, where no TLS does.
private final class ActiveWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let life: ConnectionLife
    private let then: () -> Void

    init(_ life: ConnectionLife, then: @escaping () -> Void) {
        self.life = life
        self.then = then
    }

    func channelActive(context: ChannelHandlerContext) {
        self.life.connected()
        context.fireChannelActive()
        self.then()
    }
}
