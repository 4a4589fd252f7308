import SIPKit
import SIPNet

/// The connections of the proxy: between ``StreamTransport`` and the shard.
///
/// Messages go in as if they were datagrams, with the connection in their ``Peer``; what the shard sends to a stream goes
/// out over the connection it names, over one that leads to the same place, or over a new one.
final class ProxyStreams {
    let transport: StreamTransport
    private let sockets: [ListenSocket]
    private let log: ProxyLog
    /// Connections that carried a request of ours: when one ends, what waits for its answer has to know.
    private var asked: Set<UInt32> = []
    /// Places that could not be reached while messages were sent; told to the shard after that.
    private var unreachable: [(SocketAddress, TransportProtocol)] = []
    /// Connections to be closed once the answer has been handed over.
    private var ending: [StreamConnection] = []
    /// Whether ``settle(_:_:)`` has anything to do.
    private(set) var needSettling = false

    init(_ transport: StreamTransport, _ sockets: [ListenSocket], _ log: ProxyLog) {
        self.transport = transport
        self.sockets = sockets
        self.log = log
    }

    // MARK: In

    /// Hands over what has come.
    func serve(_ shard: inout Shard, _ now: MonotonicTime, _ wallTime: Int64) {
        for event in self.transport.takeEvents() {
            switch event {
            case .opened(let connection):
                self.log(4, "\(Self.name(connection)) opened")
            case .message(let connection, let bytes):
                let peer = self.peer(of: connection)
                bytes.withUnsafeBufferPointer {
                    shard.receive(
                        $0, from: peer, to: self.sockets[Int(peer.socket)].address, now: now, wallTime: wallTime)
                }
            case .refused(let connection, let head, let error):
                self.log(2, "\(Self.name(connection)): \(error); closing it")
                let peer = self.peer(of: connection)
                head.withUnsafeBufferPointer {
                    shard.refuseHead(
                        $0, error, from: peer, to: self.sockets[Int(peer.socket)].address, now: now,
                        wallTime: wallTime)
                }
                self.ending.append(connection)
                self.needSettling = true
            case .closed(let connection, let reason, let wasOpen):
                self.log(connection.isInbound ? 4 : 2, "\(Self.name(connection)) ended: \(reason)")
                let wasAsked = self.asked.remove(connection.number) != nil
                guard wasAsked || !connection.isInbound else { continue }
                shard.deliveryFailed(connection.remote, connection.transport, onlyUnanswered: wasOpen, now: now)
            }
        }
    }

    private func peer(of connection: StreamConnection) -> Peer {
        let socket =
            connection.listener
            ?? self.sockets.firstIndex {
                $0.transport == connection.transport && $0.address.ip.family == connection.remote.ip.family
            } ?? 0
        return Peer(
            connection.remote, connection.transport, socket: UInt16(socket), connection: connection.number)
    }

    private static func name(_ connection: StreamConnection) -> String {
        "\(connection.transport.parameterName) connection \(connection.isInbound ? "from" : "to") \(connection.remote)"
    }

    // MARK: Out

    /// Sends one message of the outbox.
    func send(_ outgoing: Outgoing, serverName: String?) {
        let bytes = outgoing.bytes
        let isResponse = bytes.count > 8 && bytes[0] == UInt8(ascii: "S") && bytes[3] == ASCII.slash
        guard let connection = self.connection(for: outgoing, isResponse, serverName) else {
            self.needSettling = true
            self.unreachable.append((outgoing.peer.address, outgoing.peer.transport))
            return
        }
        if !isResponse { self.asked.insert(connection.number) }
        if !self.transport.send(Array(bytes), on: connection), !isResponse {
            self.needSettling = true
            self.unreachable.append((outgoing.peer.address, outgoing.peer.transport))
        }
        // `SIP/2.0 200`: a provisional answer is not the last.
        if isResponse, outgoing.peer.reply.contains(.closes), bytes[8] > ASCII.zero + 1 {
            self.transport.close(connection)
        }
    }

    private func connection(
        for outgoing: Outgoing, _ isResponse: Bool, _ serverName: String?
    ) -> StreamConnection? {
        let peer = outgoing.peer
        if peer.connection != 0, let known = self.transport.connection(peer.connection), !known.isOver { return known }
        if peer.transport == .ws || peer.transport == .wss {
            // Nobody can call a browser.
            return self.transport.existing(to: peer.address, peer.transport)
        }
        guard isResponse, peer.connection != 0 else {
            return self.transport.connect(
                to: peer.address, peer.transport, serverName: serverName,
                from: self.sockets[Int(peer.socket)].address.ip)
        }
        if peer.reply.contains(.opensNone) { return nil }
        // The connection is gone that the request came over: back to where its sender listens (RFC 3261 §18.2.2).
        let address = SocketAddress(peer.address.ip, Self.sentBy(outgoing.bytes.span) ?? peer.transport.defaultPort)
        return self.transport.connect(
            to: address, peer.transport, serverName: serverName, from: self.sockets[Int(peer.socket)].address.ip)
    }

    /// The port in the topmost Via.
    private static func sentBy(_ bytes: Span<UInt8>) -> UInt16? {
        var index = MessageIndex()
        guard (try? index.parse(bytes)) != nil, let value = index.first(.via) else { return nil }
        var cursor = ByteCursor(bytes, value)
        return (try? ViaRanges(parsing: &cursor))?.port
    }

    /// What is left to do when the outbox is empty.
    ///
    /// Never inlined: its accesses to the lists above would be checked in every turn of the loop.
    ///
    /// - Returns: whether the shard may have more to send now.
    @inline(never)
    func settle(_ shard: inout Shard, _ now: MonotonicTime) -> Bool {
        self.needSettling = false
        for connection in self.ending { self.transport.close(connection) }
        self.ending = []
        guard !self.unreachable.isEmpty else { return false }
        let failed = self.unreachable
        self.unreachable = []
        for (address, transport) in failed { shard.deliveryFailed(address, transport, now: now) }
        return true
    }
}
