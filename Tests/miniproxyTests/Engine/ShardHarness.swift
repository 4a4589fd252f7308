import SIPKit
import SIPNet

@testable import miniproxy

/// A proxy without sockets: messages in, messages out, and a clock that the test turns.
struct ShardHarness: ~Copyable {
    /// A script of a test that does not load; the report says why.
    struct Unloadable: Error { let report: String }

    /// A message that the proxy sent.
    struct Sent {
        var bytes: [UInt8]
        var to: SocketAddress
        var over = TransportProtocol.udp

        var text: String { String(decoding: self.bytes, as: UTF8.self) }
        var message: SIPMessage? { try? SIPMessage(parsing: self.bytes) }
        /// `INVITE sip:bob@… ` or `SIP/2.0 200 OK`.
        var startLine: String { String(self.text.prefix { $0 != "\r\n" }) }
        func header(_ id: HeaderID) -> String { self.message?.text(id) ?? "" }
    }

    static let proxy = SocketAddress("127.0.0.1:5060")!
    static let alice = SocketAddress("127.0.0.1:6001")!
    static let bob = SocketAddress("127.0.0.1:6002")!
    static let carol = SocketAddress("127.0.0.1:6003")!

    var shard: Shard
    var now = MonotonicTime(nanoseconds: 1_000_000_000)
    var wallTime: Int64 = 1_000_000
    /// What host names stand for; others do not resolve. `nil`: lookups stay where they are.
    var names: [String: [ResolvedTarget]]? = [:]

    /// - Parameter script: the text of a script; without it, miniproxy's own.
    init(
        settings: ProxySettings = ProxySettings(), users: [String] = [], domains: [String] = [], script: String? = nil,
        sockets: [ListenSocket] = [ListenSocket(Self.proxy)], database: DatabaseLocation? = nil, log: LineBasket? = nil,
        dispatcher: DispatcherSets = .none,
        rtpproxy: RTPProxyClient? = nil, media: MediaRelay? = nil
    ) throws {
        var selves = SelfAddresses()
        for socket in sockets { selves.add(socket: socket.address) }
        for domain in domains { selves.add(alias: domain) }
        var list = UserList()
        for user in users { try? list.add(user) }
        var settings = settings
        let loaded = ScriptProgram.load(
            SourceText(name: "test.cfg", bytes: Array((script ?? DefaultScript.text).utf8)),
            defining: users.isEmpty ? [] : [DefaultScript.authentication])
        guard let program = loaded.program else { throw Unloadable(report: loaded.report) }
        settings.apply(program.script.checked)
        var persistence = Persistence(settings.store, permissionFiles: PermissionFiles(), dispatcher: dispatcher)
        if let database {
            persistence = try Persistence(
                settings.store, at: database, natFlag: settings.registrar.natFlag, permissionFiles: PermissionFiles(),
                dispatcher: dispatcher, start: self.wallTime, log: ProxyLog(threshold: -9))
        }
        var listener: (@Sendable (_ level: Int, _ line: String) -> Void)?
        if let log { listener = { _, line in log.add(line) } }
        let policy = Policy(
            program: program, processID: 1, logger: ProxyLog(threshold: -9), listener: listener)
        let state = ProxyState(
            selves: selves, settings: settings,
            location: LocationTables(secret: KeyedHash(key: (1, 2)), isPersistent: persistence.keepsContacts),
            users: list,
            nonces: NonceBook(NonceIssuer(key: (3, 4))), decoy: Array(repeating: 0x30, count: 32),
            secrets: ProxySecrets(transactions: (5, 6), branches: (7, 8), tags: (9, 10)), media: media,
            rtpproxy: rtpproxy,
            persistence: persistence)
        _ = try persistence.load(into: state.location, byTime: false, now: self.wallTime)
        self.shard = Shard(
            number: 0, state: state, policy: policy,
            sockets: sockets, start: self.now)
    }

    /// Hands a message to the proxy and returns what it sends.
    mutating func receive(_ text: String, from source: SocketAddress) -> [Sent] {
        self.receive(Array(text.utf8), from: source)
    }

    mutating func receive(_ text: String, over peer: Peer) -> [Sent] { self.receive(Array(text.utf8), over: peer) }

    mutating func receive(_ bytes: [UInt8], from source: SocketAddress) -> [Sent] {
        self.receive(bytes, over: Peer(source))
    }

    mutating func receive(_ bytes: [UInt8], over peer: Peer) -> [Sent] {
        let (now, wallTime) = (self.now, self.wallTime)
        let sockets = self.shard.sockets
        let own = Int(peer.socket) < sockets.count ? sockets[Int(peer.socket)].address : Self.proxy
        bytes.withUnsafeBufferPointer {
            self.shard.receive($0, from: peer, to: own, now: now, wallTime: wallTime)
        }
        return self.take()
    }

    /// Hands a message to the proxy, lets its database answer what it asks, and returns what it sends.
    mutating func receiveAnswered(_ text: String, from source: SocketAddress) -> [Sent] {
        let sent = self.receive(text, from: source)
        return sent + self.answerAll()
    }

    /// Lets the database answer all questions; one that it cannot take has failed.
    mutating func answerAll() -> [Sent] {
        var sent: [Sent] = []
        let woken = WorkQueue<Bool>(limit: 100)
        let desk = AnswerDesk(wake: { _ = woken.put(true) })
        while let pending = self.shard.questions.popLast() {
            guard let database = self.shard.state.persistence.database,
                database.ask(pending.number, pending.question, desk)
            else {
                sent += self.answer(pending.number, .failed)
                continue
            }
            _ = woken.take(most: 1, within: 20)
            for (number, answer) in desk.take() { sent += self.answer(number, answer) }
        }
        return sent
    }

    /// Tells the proxy that nothing arrives at an address.
    mutating func fail(_ address: SocketAddress) -> [Sent] {
        self.shard.deliveryFailed(address, now: self.now)
        return self.take()
    }

    /// Answers a question of the script.
    mutating func answer(_ number: UInt32, _ answer: Answer) -> [Sent] {
        self.shard.answer(number, answer, now: self.now, wallTime: self.wallTime)
        return self.take()
    }

    /// Lets time pass and returns what is sent meanwhile.
    mutating func wait(milliseconds: Int64) -> [Sent] {
        var sent: [Sent] = []
        let end = self.now.adding(milliseconds: milliseconds)
        while let next = self.shard.nextDeadline, next <= end {
            self.now = Swift.max(next, self.now)
            self.shard.tick(self.now, wallTime: self.wallTime)
            sent += self.take()
        }
        self.now = end
        self.wallTime += milliseconds / 1000
        self.shard.tick(end, wallTime: self.wallTime)
        return sent + self.take()
    }

    private mutating func take() -> [Sent] {
        while let names = self.names, let lookup = self.shard.lookups.popLast() {
            let targets = names[String(decoding: lookup.request.host, as: UTF8.self)] ?? []
            self.shard.resolved(
                lookup, Resolution(targets: targets, steps: [], failure: targets.isEmpty ? "no such name" : nil),
                now: self.now, wallTime: self.wallTime)
        }
        let sent = self.shard.outbox.map {
            Sent(bytes: Array($0.bytes), to: $0.peer.address, over: $0.peer.transport)
        }
        self.shard.sent()
        return sent
    }

    // MARK: Messages

    mutating func register(_ user: String, at address: SocketAddress, expires: Int = 3600, q: String? = nil) -> [Sent] {
        let contact = "<sip:\(user)@\(address)>" + (q.map { ";q=\($0)" } ?? "")
        return self.receive(
            Self.request(
                "REGISTER", "sip:127.0.0.1:5060", from: user, to: user, at: address, callID: "reg-\(user)-\(address)",
                cSeq: Int(self.now.nanoseconds / 1_000_000), headers: "Contact: \(contact)\r\nExpires: \(expires)\r\n"),
            from: address)
    }

    static func request(
        _ method: String, _ uri: String, from: String = "alice", to: String = "bob", at address: SocketAddress,
        branch: String = "z9hG4bKone", callID: String = "call-1", cSeq: Int = 1, fromTag: String = "a1",
        toTag: String? = nil,
        headers: String = "", maxForwards: Int? = 70
    ) -> String {
        """
        \(method) \(uri) SIP/2.0\r
        Via: SIP/2.0/UDP \(address);branch=\(branch)\r
        \(maxForwards.map { "Max-Forwards: \($0)\r\n" } ?? "")From: <sip:\(from)@127.0.0.1:5060>;tag=\(fromTag)\r
        To: <sip:\(to)@127.0.0.1:5060>\(toTag.map { ";tag=\($0)" } ?? "")\r
        Call-ID: \(callID)\r
        CSeq: \(cSeq) \(method)\r
        \(headers)Content-Length: 0\r
        \r

        """
    }

    /// An answer to a request that the proxy sent, as its receiver would make it.
    static func response(
        _ status: Int, _ reason: String, to request: Sent, tag: String? = "b1", contact: SocketAddress? = nil
    ) -> String {
        guard let message = request.message else { return "" }
        var text = "SIP/2.0 \(status) \(reason)\r\n"
        for via in message.values(.via) { text += "Via: \(message.text(via))\r\n" }
        for route in message.values(.recordRoute) { text += "Record-Route: \(message.text(route))\r\n" }
        text += "From: \(message.text(.from) ?? "")\r\n"
        let to = message.text(.to) ?? ""
        text += "To: \(to)" + (to.contains(";tag=") || tag == nil ? "" : ";tag=\(tag!)") + "\r\n"
        text += "Call-ID: \(message.text(.callID) ?? "")\r\nCSeq: \(message.text(.cSeq) ?? "")\r\n"
        if let contact { text += "Contact: <sip:bob@\(contact)>\r\n" }
        return text + "Content-Length: 0\r\n\r\n"
    }
}
