import Glibc
import SIPKit
import SIPNet

/// The network over connections: TCP, TLS, WebSocket. One to the target, opened at the start; others for places that
/// redirects and dialogs lead to.
///
/// Times are those of this process: a stream has no time stamps for its messages.
final class StreamWire: Wire {
    let local: SocketAddress
    let transport: TransportProtocol
    var copies: [any TrafficCopy] = []
    /// How long it took until the first message could leave: TCP, then TLS and WebSocket where they are.
    let opening: Duration
    let connection: StreamConnection

    private let streams: StreamTransport
    private let bell: PipeBell
    private let interrupts: SignalWatch?
    private let clock = SystemClock()
    private let serverName: String
    private let source: IPAddress?
    private var events: [WireEvent] = []

    /// Why a connection could not be opened.
    struct Failure: Error {
        let error: StreamError
        let target: ResolvedTarget
    }

    /// Opens the connection and waits for it.
    ///
    /// - Parameter watchesInterrupts: whether Ctrl-C becomes an event.
    /// - Throws: ``Failure``, `TLSSettingsError` or `SocketError`.
    init(
        to target: ResolvedTarget, _ options: SipsakOptions, path: String? = nil, watchesInterrupts: Bool = false
    ) throws {
        var settings = StreamOptions()
        let patience = options.timeout ?? .milliseconds(options.timerT1) * options.timeoutFactor
        settings.openTimeout = Swift.min(.seconds(10), patience)
        if let path { settings.webSocketPath = path }
        let bell = try PipeBell()
        self.bell = bell
        self.streams = try StreamTransport(settings, tls: Self.tls(options)) { bell.ring() }
        self.interrupts = watchesInterrupts ? try SignalWatch([SIGINT]) : nil
        self.transport = target.transport
        self.serverName = options.tls.serverName ?? target.serverName
        self.source = options.localIP
        let begun = self.clock.now()
        self.connection = self.streams.connect(
            to: target.address, target.transport, serverName: self.serverName, from: options.localIP)
        try Self.awaitOpening(self.streams, self.connection, bell, target)
        self.opening = self.clock.now() - begun
        self.local = self.connection.local ?? SocketAddress(options.localIP ?? .loopbackV4, 0)
    }

    deinit { self.streams.stop() }

    static func tls(_ options: SipsakOptions) -> TLSOptions {
        var settings = TLSOptions()
        settings.trustFile = options.tls.trustFile
        settings.certificateFile = options.tls.certificateFile
        settings.keyFile = options.tls.keyFile ?? options.tls.certificateFile
        settings.verifiesPeer = !options.tls.ignoresFailure
        if options.tls.minimum == "1.3" { settings.minimumVersion = .tls13 }
        return settings
    }

    private static func awaitOpening(
        _ streams: StreamTransport, _ connection: StreamConnection, _ bell: PipeBell, _ target: ResolvedTarget
    ) throws(Failure) {
        while true {
            for event in streams.takeEvents() {
                switch event {
                case .opened: return
                case .closed(_, let error, _): throw Failure(error: error, target: target)
                case .message, .refused: break
                }
            }
            _ = bell.wait(nanoseconds: 1_000_000_000)
        }
    }

    func now() -> MonotonicTime { self.clock.now() }

    @discardableResult
    func send(_ bytes: [UInt8], to destination: SocketAddress) -> MonotonicTime {
        let now = self.now()
        var way = self.connection
        if destination != way.remote || way.isOver {
            way = self.streams.connect(
                to: destination, self.transport,
                serverName: destination == self.connection.remote ? self.serverName : nil, from: self.source)
        }
        if !self.streams.send(bytes, on: way) { self.events.append(.failed(destination, code: EPIPE)) }
        for copy in self.copies { copy.add(bytes, from: self.local, to: destination, over: self.transport, at: nil) }
        return now
    }

    func next(until deadline: MonotonicTime) -> WireEvent {
        while true {
            if !self.events.isEmpty { return self.events.removeFirst() }
            self.take()
            if !self.events.isEmpty { continue }
            let wait = deadline.nanoseconds(since: self.now())
            if wait <= 0 { return .timeout }
            if self.waitForInput(nanoseconds: wait) { return .interrupted }
        }
    }

    /// How long the end of a run waits for its last messages to be written.
    private static let closingTime: Int64 = 500_000_000

    func close() {
        let end = self.now().adding(nanoseconds: Self.closingTime)
        self.streams.stop()
        while self.streams.connectionCount > 0, self.now() < end {
            _ = self.bell.wait(nanoseconds: 20_000_000)
            _ = self.streams.takeEvents()
        }
    }

    private func take() {
        for event in self.streams.takeEvents() {
            switch event {
            case .opened: break
            case .message(let connection, let bytes):
                let now = self.now()
                self.events.append(.datagram(bytes, from: connection.remote, at: now))
                for copy in self.copies {
                    copy.add(bytes, from: connection.remote, to: self.local, over: self.transport, at: nil)
                }
            case .refused(let connection, _, _): self.events.append(.failed(connection.remote, code: EBADMSG))
            case .closed(let connection, let error, _):
                self.events.append(.failed(connection.remote, code: Self.code(error)))
            }
        }
    }

    /// The errno that says most of it.
    static func code(_ error: StreamError) -> Int32 {
        switch error {
        case .system(let code): code
        case .timedOut: ETIMEDOUT
        case .closedByPeer, .closedByUs: ECONNRESET
        case .framing: EBADMSG
        case .sendQueueFull: ENOBUFS
        case .tls, .certificate, .webSocket: EPROTO
        case .tooMany: EMFILE
        case .other: EIO
        }
    }

    /// - Returns: whether Ctrl-C came.
    private func waitForInput(nanoseconds: Int64) -> Bool {
        self.bell.wait(nanoseconds: nanoseconds, or: self.interrupts)
    }
}
