import CSockets
import Glibc
import SIPKit
import Testing

@testable import SIPNet

/// Both ends of connections in one loop.
struct StreamPair {
    let loop: EventLoop
    let server: StreamTransport
    let client: StreamTransport
    var serverEvents: [StreamEvent] = []
    var clientEvents: [StreamEvent] = []

    init(
        _ options: StreamOptions = StreamOptions(), clientTLS: TLSOptions = TLSOptions()
    ) throws {
        self.loop = try EventLoop()
        self.server = try StreamTransport(options, waker: self.loop.waker)
        self.client = try StreamTransport(options, tls: clientTLS, waker: self.loop.waker)
    }

    /// Runs until the condition holds.
    mutating func run(until isDone: (StreamPair) -> Bool) -> Bool {
        var pair = self
        defer { self = pair }
        return self.loop.waits {
            pair.serverEvents += pair.server.takeEvents()
            pair.clientEvents += pair.client.takeEvents()
            return isDone(pair)
        }
    }

    static func messages(_ events: [StreamEvent]) -> [String] {
        events.compactMap {
            if case .message(_, let bytes) = $0 { String(decoding: bytes, as: UTF8.self) } else { nil }
        }
    }

    static func ends(_ events: [StreamEvent]) -> [StreamError] {
        events.compactMap { if case .closed(_, let reason, _) = $0 { reason } else { nil } }
    }

    static func connection(_ events: [StreamEvent]) -> StreamConnection? {
        for case .opened(let connection) in events { return connection }
        return nil
    }
}

/// A client that sends what a test wants, in the pieces it wants.
struct RawClient {
    let descriptor: Int32

    init(_ address: SocketAddress) throws {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let descriptor = self.descriptor
        let result = address.withSystemAddress { address, length in Glibc.connect(descriptor, address, length) }
        guard result == 0 else { throw SocketError("connect to", address, code: errno) }
    }

    func send(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { write(self.descriptor, $0.baseAddress, $0.count) }
    }

    /// What comes until the other side closes, or `count` bytes.
    func read(_ count: Int = .max) -> String {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while all.count < count {
            let got = Glibc.read(self.descriptor, &buffer, Swift.min(buffer.count, count - all.count))
            guard got > 0 else { break }
            all += buffer[..<got]
        }
        return String(decoding: all, as: UTF8.self)
    }

    func close() { Glibc.close(self.descriptor) }
}

@Suite("Streams on loopback")
struct StreamTransportTests {
    static func message(_ number: Int, body: String = "") -> String {
        "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK\(number)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private static let anyPort = SocketAddress(.loopbackV4, 0)

    @Test("messages go both ways over one connection, which is kept", arguments: [TransportProtocol.tcp, .ws])
    func bothWays(transport: TransportProtocol) throws {
        var pair = try StreamPair()
        let address = try pair.server.listen(on: Self.anyPort, transport, number: 3)
        let connection = pair.client.connect(to: address, transport)
        // Sent before it is open: it waits.
        pair.client.send(Array(Self.message(1).utf8), on: connection)
        pair.client.send(Array(Self.message(2, body: "v=0\r\n").utf8), on: connection)
        #expect(pair.run { StreamPair.messages($0.serverEvents).count == 2 })
        #expect(StreamPair.messages(pair.serverEvents) == [Self.message(1), Self.message(2, body: "v=0\r\n")])

        let inbound = try #require(StreamPair.connection(pair.serverEvents))
        #expect(inbound.listener == 3)
        #expect(inbound.local == address)
        #expect(inbound.remote == connection.local)
        pair.server.send(Array("SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n".utf8), on: inbound)
        #expect(pair.run { StreamPair.messages($0.clientEvents).count == 1 })
        #expect(pair.client.connect(to: address, transport) === connection)
        #expect(pair.server.connect(to: inbound.remote, transport) === inbound, "also the one that the peer opened")

        pair.client.close(connection)
        #expect(pair.run { !StreamPair.ends($0.serverEvents).isEmpty && !StreamPair.ends($0.clientEvents).isEmpty })
        #expect(StreamPair.ends(pair.clientEvents) == [.closedByUs])
        #expect(StreamPair.ends(pair.serverEvents) == [.closedByPeer])
        #expect(pair.server.connectionCount == 0)
        #expect(pair.client.connectionCount == 0)
    }

    @Test("several messages in one segment, and one in many, are the same messages")
    func framing() throws {
        var pair = try StreamPair()
        let address = try pair.server.listen(on: Self.anyPort, .tcp)
        let client = try RawClient(address)
        defer { client.close() }
        client.send(Self.message(1) + Self.message(2, body: "xyz") + Self.message(3))
        for byte in Self.message(4, body: "\r\n\r\n") { client.send(String(byte)) }
        #expect(pair.run { StreamPair.messages($0.serverEvents).count == 4 })
        #expect(
            StreamPair.messages(pair.serverEvents) == [
                Self.message(1), Self.message(2, body: "xyz"), Self.message(3), Self.message(4, body: "\r\n\r\n"),
            ])
    }

    @Test("two line ends are answered with one (RFC 5626 §4.4.1)")
    func keepAlive() throws {
        let pair = try StreamPair()
        let address = try pair.server.listen(on: Self.anyPort, .tcp)
        let client = try RawClient(address)
        defer { client.close() }
        client.send("\r\n\r\n")
        #expect(client.read(2) == "\r\n")
    }

    @Test("a stream that has lost its frames tells its head, may be answered, and is closed")
    func lostFrames() throws {
        var options = StreamOptions()
        options.framing.body = 1_000
        var pair = try StreamPair(options)
        let address = try pair.server.listen(on: Self.anyPort, .tcp)
        let client = try RawClient(address)
        defer { client.close() }
        client.send("OPTIONS sip:a SIP/2.0\r\nContent-Length: 1001\r\n\r\n")
        var refused: (connection: StreamConnection, head: [UInt8])?
        _ = pair.run { pair in
            for case .refused(let connection, let head, _) in pair.serverEvents { refused = (connection, head) }
            return refused != nil
        }
        let found = try #require(refused)
        #expect(String(decoding: found.head, as: UTF8.self).hasPrefix("OPTIONS sip:a SIP/2.0\r\n"))
        pair.server.send(Array("SIP/2.0 413 Too Large\r\nContent-Length: 0\r\n\r\n".utf8), on: found.connection)
        pair.server.close(found.connection)
        #expect(client.read() == "SIP/2.0 413 Too Large\r\nContent-Length: 0\r\n\r\n")
    }

    @Test(
        "who connects and says nothing, or does not come to an end, is sent away in time",
        arguments: ["", "OPTIONS sip:a SIP"])
    func slow(beginning: String) throws {
        var options = StreamOptions()
        options.messageTimeout = .milliseconds(60)
        var pair = try StreamPair(options)
        let address = try pair.server.listen(on: Self.anyPort, .tcp)
        let client = try RawClient(address)
        defer { client.close() }
        client.send(beginning)
        #expect(pair.run { !StreamPair.ends($0.serverEvents).isEmpty })
        let wanted = beginning.isEmpty ? "message" : "end of a message"
        #expect(StreamPair.ends(pair.serverEvents) == [.timedOut(wanted)])
        #expect(client.read() == "")
    }

    @Test("a peer that does not read is given up when a megabyte waits for it")
    func doesNotRead() throws {
        var pair = try StreamPair()
        let address = try pair.server.listen(on: Self.anyPort, .tcp)
        let client = try RawClient(address)
        defer { client.close() }
        client.send(Self.message(1))
        #expect(pair.run { !StreamPair.messages($0.serverEvents).isEmpty })
        let connection = try #require(StreamPair.connection(pair.serverEvents))
        let large = [UInt8](repeating: 0x41, count: 200_000)
        var sent = 0
        // The kernel's buffers take some megabytes first.
        while sent < 1_000, pair.server.send(large, on: connection) { sent += 1 }
        #expect(sent < 1_000)
        #expect(pair.run { !StreamPair.ends($0.serverEvents).isEmpty })
        #expect(StreamPair.ends(pair.serverEvents) == [.sendQueueFull])
    }

    @Test("one source gets so many connections and no more")
    func perSource() throws {
        var options = StreamOptions()
        options.connectionsPerSource = 3
        var pair = try StreamPair(options)
        let address = try pair.server.listen(on: Self.anyPort, .tcp)
        let clients = try (0..<5).map { _ in try RawClient(address) }
        #expect(pair.run { $0.serverEvents.count == 3 })
        #expect(clients[3].read() == "")
        #expect(clients[4].read() == "")
        #expect(pair.server.counters.refused == 2)
        #expect(pair.server.connectionCount == 3)
        // The place of one that goes is free again.
        for client in clients { client.close() }
        #expect(pair.run { $0.server.connectionCount == 0 })
        let next = try RawClient(address)
        defer { next.close() }
        #expect(pair.run { $0.server.counters.accepted == 4 && $0.serverEvents.count == 7 })
    }

    @Test("nobody there: the reason is the system's")
    func nobodyThere() throws {
        var pair = try StreamPair()
        let free = try UDPEndpoint(bind: Self.anyPort).localAddress
        let connection = pair.client.connect(to: free, .tcp)
        pair.client.send(Array(Self.message(1).utf8), on: connection)
        #expect(pair.run { !StreamPair.ends($0.clientEvents).isEmpty })
        #expect(StreamPair.ends(pair.clientEvents) == [.system(ECONNREFUSED)])
        #expect(connection.isOver)
        #expect(pair.client.connect(to: free, .tcp) !== connection, "the next one tries anew")
    }

    @Test("HTTP that is no WebSocket for SIP is told so")
    func plainHTTP() throws {
        let pair = try StreamPair()
        let address = try pair.server.listen(on: Self.anyPort, .ws)
        for request in [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: chat\r\n\r\n",
        ] {
            let client = try RawClient(address)
            client.send(request)
            #expect(client.read().hasPrefix("HTTP/1.1 4"))
            client.close()
        }
    }
}
