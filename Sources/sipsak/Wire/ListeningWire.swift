import Glibc
import SIPKit
import SIPNet

/// The network of the answering side over TCP, TLS and WebSocket: connections come in, and answers go back on the one that the
/// request came on (RFC 3261 §18.2.2). Requests of our own open connections, as a registration does.
final class ListeningWire: Wire {
    let local: SocketAddress
    let transport: TransportProtocol
    var copies: [any TrafficCopy] = []

    private let streams: StreamTransport
    private let bell: PipeBell
    private let interrupts: SignalWatch?
    private let clock = SystemClock()
    private let server: ResolvedTarget
    /// By the address of the peer.
    private var connections: [SocketAddress: StreamConnection] = [:]
    private var events: [WireEvent] = []

    /// - Parameters:
    ///   - address: where to listen; port 0 lets the system choose.
    ///   - server: the target of the command line: its transport is ours, and registrations go there.
    ///   - advertised: the address that goes into messages when bound to a wildcard.
    /// - Throws: ``UsageError`` where TLS lacks a certificate; `SocketError`, `TLSSettingsError`.
    init(
        bind address: SocketAddress, _ server: ResolvedTarget, advertised: IPAddress, _ options: SipsakOptions
    ) throws {
        let bell = try PipeBell()
        self.bell = bell
        let tls = StreamWire.tls(options)
        guard !server.transport.isSecure || tls.certificateFile != nil else {
            throw UsageError("to be called over TLS a certificate is needed (--tls-client-cert, --tls-client-key)")
        }
        self.streams = try StreamTransport(StreamOptions(), tls: tls) { bell.ring() }
        self.server = server
        self.transport = server.transport
        let bound = try self.streams.listen(on: address, server.transport, tls: tls)
        self.local = SocketAddress(advertised, bound.port)
        self.interrupts = options.isProbe ? nil : try SignalWatch([SIGINT])
    }

    deinit { self.streams.stop() }

    func now() -> MonotonicTime { self.clock.now() }

    @discardableResult
    func send(_ bytes: [UInt8], to destination: SocketAddress) -> MonotonicTime {
        let way =
            self.connections[destination]
            ?? self.streams.connect(
                to: destination, self.transport,
                serverName: destination == self.server.address ? self.server.serverName : nil)
        if !self.streams.send(bytes, on: way) { self.events.append(.failed(destination, code: EPIPE)) }
        for copy in self.copies { copy.add(bytes, from: self.local, to: destination, over: self.transport, at: nil) }
        return self.now()
    }

    func next(until deadline: MonotonicTime) -> WireEvent {
        while true {
            if !self.events.isEmpty { return self.events.removeFirst() }
            self.take()
            if !self.events.isEmpty { continue }
            let wait = deadline.nanoseconds(since: self.now())
            if wait <= 0 { return .timeout }
            if self.bell.wait(nanoseconds: wait, or: self.interrupts) { return .interrupted }
        }
    }

    func close() {
        let end = self.now().adding(nanoseconds: 500_000_000)
        self.streams.stop()
        while self.streams.connectionCount > 0, self.now() < end {
            _ = self.bell.wait(nanoseconds: 20_000_000)
            _ = self.streams.takeEvents()
        }
    }

    private func take() {
        for event in self.streams.takeEvents() {
            switch event {
            case .opened(let connection):
                if connection.isInbound { self.connections[connection.remote] = connection }
            case .message(let connection, let bytes):
                self.events.append(.datagram(bytes, from: connection.remote, at: self.now()))
                for copy in self.copies {
                    copy.add(bytes, from: connection.remote, to: self.local, over: self.transport, at: nil)
                }
            case .refused: break  // Its connection ends, and that is all the answer there is.
            case .closed(let connection, let error, _):
                if self.connections[connection.remote] === connection { self.connections[connection.remote] = nil }
                // A peer that hangs up is everyday life; a connection of our own that fails is news.
                if !connection.isInbound {
                    self.events.append(.failed(connection.remote, code: StreamWire.code(error)))
                }
            }
        }
    }
}
