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
    /// Further ways that lead over a connection, by its number.
    private var aliases: [UInt32: [Way]] = [:]
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
        for alias in self.aliases.removeValue(forKey: connection.number) ?? [] { self.ways[alias] = nil }
        guard connection.isInbound else { return }
        let ip = connection.remote.ip
        self.sources[ip] = self.sources[ip].flatMap { $0 > 1 ? $0 - 1 : nil }
    }

    func connection(_ way: Way) -> StreamConnection? {
        guard let number = self.ways[way], let found = self.connections[number], !found.isOver else { return nil }
        return found
    }

    /// How many further ways one connection may have.
    static let mostAliases = 8

    /// Lets requests for another port of the connection's peer go over it, too.
    ///
    /// A way that another connection has stays its own, so that nobody on a shared address takes another's calls.
    ///
    /// - Returns: whether requests for that port go over this connection now.
    mutating func addAlias(_ number: UInt32, port: UInt16) -> Bool {
        guard let connection = self.connections[number], !connection.isOver else { return false }
        var way = Self.way(of: connection)
        way.remote.port = port
        if let owner = self.ways[way], self.connections[owner]?.isOver == false { return owner == number }
        guard self.aliases[number, default: []].count < Self.mostAliases else { return false }
        self.ways[way] = number
        self.aliases[number, default: []].append(way)
        return true
    }

    private static func way(of connection: StreamConnection) -> Way {
        Way(
            remote: connection.remote, transport: connection.transport,
            serverName: connection.transport.isSecure ? connection.serverName?.lowercased() : nil)
    }
}
