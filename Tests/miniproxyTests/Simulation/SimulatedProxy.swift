import SIPKit
import SIPNet

@testable import miniproxy

/// The whole proxy in the simulation: a shard with the default script, and the duties that it is watched for.
final class SimulatedProxy: MemoryNetwork.Endpoint {
    static let address = SocketAddress("10.0.0.1:5060")!
    static let users = ["alice:a", "bob:b"]
    /// The compiled scripts: without users, and with.
    private static let policies: [Policy] = [[], [DefaultScript.authentication]].compactMap { defines in
        let loaded = ScriptProgram.load(
            SourceText(name: DefaultScript.name, bytes: Array(DefaultScript.text.utf8)), defining: defines)
        return loaded.program.map { Policy(program: $0, processID: 1, logger: ProxyLog(threshold: -9)) }
    }

    /// A request that came, by its branch and method, and what was answered.
    struct Served {
        var method: Substring
        var finals: Set<Int> = []
        var source: SocketAddress
    }
    /// A request that was sent on.
    struct Forwarded {
        var sent = 0
        var isAnswered = false
        /// Whether a final answer has come.
        var isOver = false
        var destination: SocketAddress
    }

    private(set) var shard: Shard
    unowned let network: MemoryNetwork
    var complaints: [String] = []
    private(set) var served: [String: Served] = [:]
    private(set) var forwarded: [String: Forwarded] = [:]
    /// Where a message of the proxy may go.
    var named: Set<SocketAddress> = []
    private(set) var sentCount = 0
    private(set) var receivedCount = 0

    init(_ network: MemoryNetwork, withUsers: Bool) {
        var selves = SelfAddresses()
        selves.add(socket: Self.address)
        var list = UserList()
        if withUsers { for user in Self.users { try? list.add(user) } }
        var settings = ProxySettings()
        settings.nonceExpire = 300
        let state = ProxyState(
            selves: selves, settings: settings, location: LocationTables(secret: KeyedHash(key: (1, 2))), users: list,
            nonces: NonceBook(NonceIssuer(key: (3, 4), tracked: 64)), decoy: Array(repeating: 0x30, count: 32),
            secrets: ProxySecrets(transactions: (5, 6), branches: (7, 8), tags: (9, 10)))
        self.network = network
        self.shard = Shard(
            number: 0, state: state, policy: Self.policies[withUsers ? 1 : 0], sockets: [ListenSocket(Self.address)],
            start: network.now)
        network.attach(Self.address, self)
    }

    var nextDeadline: MonotonicTime? { self.shard.nextDeadline }

    private var wallTime: Int64 { 1_700_000_000 + self.network.now.nanoseconds / 1_000_000_000 }

    func receive(_ bytes: [UInt8], from source: SocketAddress, at local: SocketAddress, now: MonotonicTime) {
        self.receivedCount += 1
        guard let message = Glimpse(bytes) else { return self.complaints.append("a phone wrote what nobody reads") }
        if message.isRequest, message.method != "ACK", self.served[message.transaction] == nil {
            self.served[message.transaction] = Served(method: message.method, source: source)
        }
        if !message.isRequest {
            self.forwarded[message.transaction]?.isAnswered = true
            if message.status >= 200 { self.forwarded[message.transaction]?.isOver = true }
        }
        let wallTime = self.wallTime
        bytes.withUnsafeBufferPointer {
            self.shard.receive($0, from: Peer(source), to: Self.address, now: now, wallTime: wallTime)
        }
        let sent = self.flush()
        self.judge(sent, after: message)
    }

    func tick(now: MonotonicTime) {
        self.shard.tick(now, wallTime: self.wallTime)
        _ = self.flush()
    }

    private func flush() -> [Glimpse] {
        var messages: [Glimpse] = []
        for outgoing in self.shard.outbox {
            let bytes = Array(outgoing.bytes)
            let to = outgoing.peer.address
            if let message = Glimpse(bytes), message.isWhole {
                messages.append(message)
                self.note(message, to)
            } else {
                self.complaints.append("sent something unreadable: \(String(decoding: bytes, as: UTF8.self))")
            }
            if !self.named.contains(to) { self.complaints.append("sent to \(to), which nobody named") }
            self.sentCount += 1
            self.network.send(bytes, from: Self.address, to: to)
        }
        self.shard.sent()
        return messages
    }

    private func note(_ message: Glimpse, _ to: SocketAddress) {
        if message.isRequest {
            if message.method != "ACK" {
                self.forwarded[message.transaction, default: Forwarded(destination: to)].sent += 1
            }
            return
        }
        guard message.status >= 200 else { return }
        guard var served = self.served[message.transaction] else {
            return self.complaints.append("answers what nobody asked: \(message.startLine)")
        }
        if served.method == "INVITE", message.status >= 300, served.finals.contains(where: { $0 != message.status }) {
            self.complaints.append("answers \(message.status) after \(served.finals)")
        }
        served.finals.insert(message.status)
        if served.finals.contains(where: { $0 < 300 }) != served.finals.allSatisfy({ $0 < 300 }) {
            self.complaints.append("answers \(served.method) with \(served.finals)")
        }
        self.served[message.transaction] = served
        if to != served.source { self.complaints.append("answers \(to) and was asked by \(served.source)") }
    }

    /// What has to follow at once: nobody but the two ends repeats a 2xx and its ACK, so each copy goes on.
    private func judge(_ sent: [Glimpse], after message: Glimpse) {
        if message.status >= 200, message.status < 300, message.method == "INVITE" {
            if sent.filter({ $0.status == message.status && $0.toTag == message.toTag }).count != 1 {
                self.complaints.append(
                    "a 2xx of \(message.toTag) was not passed on once but gave \(sent.map(\.startLine))")
            }
        }
        if message.method == "ACK", message.isRequest, !message.all("Route").isEmpty {
            if sent.filter({ $0.method == "ACK" && $0.uri == message.uri }).count != 1 {
                self.complaints.append("an ACK was not passed on once but gave \(sent.map(\.startLine))")
            }
        }
    }

    // MARK: The end

    /// What is left when everything is quiet.
    func judgeEnd() {
        let left = (self.shard.servers.liveCount, self.shard.branches.liveCount, self.shard.wheel.count)
        if left != (0, 0, 0) {
            self.complaints.append("\(left.0) transactions, \(left.1) branches and \(left.2) timers are left")
        }
        if self.shard.pool.inUse != 0 { self.complaints.append("\(self.shard.pool.inUse) bytes are left in the pool") }
        if self.shard.table.count != 0 { self.complaints.append("\(self.shard.table.count) keys are left") }
        if !self.shard.attributes.isEmpty || !self.shard.parked.isEmpty { self.complaints.append("runs are left") }
        for (key, served) in self.served where served.finals.isEmpty {
            // RFC 4320 §4.2: silence is the answer where nobody answered anything but an INVITE.
            if served.method == "INVITE" { self.complaints.append("\(key) got no final answer") }
        }
        for (key, served) in self.served where served.finals.count > 1 && served.method != "REGISTER" {
            self.complaints.append("\(key) got \(served.finals)")
        }
        for (key, forwarded) in self.forwarded where !forwarded.isAnswered {
            // A to B over UDP: 0, 0.5, 1.5, 3.5, 7.5, 15.5 and 31.5 s; others every 4 s in the end.
            let least = key.hasSuffix(" INVITE") ? 7 : 11
            // A CANCEL is pointless once its INVITE has been answered.
            let invite = key.replacing(" CANCEL", with: " INVITE")
            if key.hasSuffix(" CANCEL"), self.forwarded[invite]?.isOver == true { continue }
            if forwarded.sent < least {
                self.complaints.append("gave up \(key) after \(forwarded.sent) copies without an answer")
            }
        }
    }
}
