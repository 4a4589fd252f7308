import SIPKit
import SIPTrace

/// The User-Agents and Servers of a trace, each text once, with how many messages and devices carry it.
///
/// A device is a source address with one such text: a chatty phone must not look like a fleet. The sender is who sent
/// the message first, not the server that passed it on.
struct AgentTable: Sendable, Codable {
    struct Agent: Sendable, Equatable, Codable {
        var text: [UInt8]
        /// Messages with it in User-Agent, and in Server; every packet counts.
        var asUserAgent = 0
        var asServer = 0
        /// The same without relayed copies and repeats.
        var uniqueUserAgent = 0
        var uniqueServer = 0
        /// The same as the users' side saw it; 0 where that was not asked for.
        var edgeUserAgent = 0
        var edgeServer = 0
        var devices = 0

        /// Messages with it in User-Agent.
        func userAgentCount(_ counting: Counting) -> Int {
            switch counting {
            case .raw: self.asUserAgent
            case .unique: self.uniqueUserAgent
            case .edge: self.edgeUserAgent
            }
        }

        /// Messages with it in Server.
        func serverCount(_ counting: Counting) -> Int {
            switch counting {
            case .raw: self.asServer
            case .unique: self.uniqueServer
            case .edge: self.edgeServer
            }
        }
    }

    /// The first stands for messages without a name.
    private(set) var agents: [Agent] = [Agent(text: [])]
    private var numbers = KeyTable<UInt32>()
    private var devices = KeyTable<KeyOnly>()
    private var unnamed = KeyTable<KeyOnly>()
    /// Devices beyond this number are not told apart any more, and the report says "at least".
    static let maxDevices = 500_000
    static let maxAgents = 20_000
    private(set) var isFull = false

    /// The texts with this number and above.
    func texts(from number: Int) -> [[UInt8]] {
        number < self.agents.count ? self.agents[number...].map(\.text) : []
    }

    /// The number of a text; 0 when the table is full.
    @inline(__always)
    mutating func number(_ bytes: Span<UInt8>, _ range: ByteRange, seed: UInt64) -> UInt32 {
        self.number(bytes, MessageFacts.Name(hash: IdentityHash.of(bytes, range, seed: seed), range: range))
    }

    @inline(__always)
    mutating func number(_ bytes: Span<UInt8>, _ name: MessageFacts.Name) -> UInt32 {
        if let known = self.numbers[name.hash] { return known }
        return self.enter(name.hash, bytes.copy(name.range))
    }

    private mutating func enter(_ hash: UInt64, _ text: [UInt8]) -> UInt32 {
        guard self.agents.count < Self.maxAgents, !text.isEmpty else {
            if !text.isEmpty { self.isFull = true }
            return 0
        }
        let number = UInt32(self.agents.count)
        self.agents.append(Agent(text: Self.kept(text)))
        self.numbers[hash] = number
        return number
    }

    /// As much of a text as is kept.
    static func kept(_ text: [UInt8]) -> [UInt8] { text.count > 200 ? Array(text[..<200]) : text }

    /// Takes what the users' side saw, by the agents' texts.
    mutating func takeEdges(_ edges: [[UInt8]: EdgeCounter.AgentCount]) {
        var edges = edges
        for place in self.agents.indices {
            guard let count = edges.removeValue(forKey: self.agents[place].text) else { continue }
            self.agents[place].edgeUserAgent = count.asUserAgent
            self.agents[place].edgeServer = count.asServer
        }
    }

    mutating func count(_ number: UInt32, isServer: Bool, isFirst: Bool) {
        if isFirst {
            if isServer {
                self.agents[Int(number)].uniqueServer += 1
            } else {
                self.agents[Int(number)].uniqueUserAgent += 1
            }
        }
        if isServer { self.agents[Int(number)].asServer += 1 } else { self.agents[Int(number)].asUserAgent += 1 }
    }

    /// Notes that this address sent a message of its own under this name.
    @inline(__always)
    mutating func see(_ number: UInt32, from source: IPAddress, seed: UInt64) {
        var hash = IdentityHash(seed: seed)
        hash.mix(SocketAddress(source, 0))
        let address = hash.value
        guard number != 0 else {
            if self.unnamed.count < Self.maxDevices { _ = self.unnamed.insert(address, KeyOnly()) }
            return
        }
        hash.mix(UInt64(number))
        guard self.devices.count < Self.maxDevices else {
            self.isFull = true
            return
        }
        if self.devices.insert(hash.value, KeyOnly()) { self.agents[Int(number)].devices += 1 }
    }

    /// Addresses that sent messages without a name, the servers themselves left out.
    func namelessDevices(besides servers: [SocketAddress], seed: UInt64) -> Int {
        let own = Set(servers.map { Self.key($0.ip, seed) })
        return self.unnamed.count - own.count { self.unnamed[$0] != nil }
    }

    private static func key(_ address: IPAddress, _ seed: UInt64) -> UInt64 {
        var hash = IdentityHash(seed: seed)
        hash.mix(SocketAddress(address, 0))
        return hash.value
    }
}

extension AgentTable {
    /// The same table with some of its agents only; each counts as one device.
    func with(only numbers: Set<UInt32>) -> AgentTable {
        var table = AgentTable()
        table.agents += numbers.sorted().compactMap { number in
            guard number > 0, Int(number) < self.agents.count else { return nil }
            return Agent(text: self.agents[Int(number)].text, devices: 1)
        }
        return table
    }
}
