import SIPKit

/// All connections: by number, by where they lead, and how many each source has.
struct ConnectionTable {
    /// What a request looks for when it wants a connection that is there already (RFC 3261 §18: connections are kept).
    struct Way: Hashable {
        var remote: SocketAddress
        var transport: TransportProtocol
        /// With TLS the certificate was checked for this name, so another name needs another connection (RFC 5922 §7.3).
        var serverName: String?
    }

    private var connections: [UInt32: StreamConnection] = [:]
    private var ways: [Way: UInt32] = [:]
    private var sources: [IPAddress: Int] = [:]
    private var lastNumber: UInt32 = 0

    var count: Int { self.connections.count }
    var all: [StreamConnection] { Array(self.connections.values) }
    subscript(number: UInt32) -> StreamConnection? { self.connections[number] }

    func inboundCount(of source: IPAddress) -> Int { self.sources[source] ?? 0 }

    /// A number that no living connection has.
    mutating func newNumber() -> UInt32 {
        repeat { self.lastNumber &+= 1 } while self.lastNumber == 0 || self.connections[self.lastNumber] != nil
        return self.lastNumber
    }

    mutating func insert(_ connection: StreamConnection) {
        self.connections[connection.number] = connection
        self.ways[Self.way(of: connection)] = connection.number
        if connection.isInbound { self.sources[connection.remote.ip, default: 0] += 1 }
    }

    mutating func remove(_ connection: StreamConnection) {
        guard self.connections.removeValue(forKey: connection.number) != nil else { return }
        let way = Self.way(of: connection)
        if self.ways[way] == connection.number { self.ways[way] = nil }
        guard connection.isInbound else { return }
        let ip = connection.remote.ip
        self.sources[ip] = self.sources[ip].flatMap { $0 > 1 ? $0 - 1 : nil }
    }

    func connection(_ way: Way) -> StreamConnection? {
        guard let number = self.ways[way], let found = self.connections[number], !found.isOver else { return nil }
        return found
    }

    private static func way(of connection: StreamConnection) -> Way {
        Way(
            remote: connection.remote, transport: connection.transport,
            serverName: connection.transport.isSecure ? connection.serverName?.lowercased() : nil)
    }
}
