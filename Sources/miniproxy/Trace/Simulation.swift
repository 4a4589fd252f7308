import SIPKit
import SIPNet
import Synchronization

/// A proxy without sockets for `miniproxy simulate`: a message goes in, and out come the traces of the script and what
/// would be sent. Its secrets are fixed, so two runs print the same.
struct Simulation: ~Copyable {
    /// What came of one message.
    struct Passage {
        var traces: [RouteTrace] = []
        var sent: [(to: String, bytes: [UInt8])] = []
        /// What the script wanted to know and nobody could tell.
        var questions: [String] = []
    }

    private var shard: Shard
    private let own: SocketAddress
    private let traces = TraceBasket()
    private var now = MonotonicTime(nanoseconds: 1_000_000_000)

    init(_ program: Program<RouteContext>, own: SocketAddress, domains: [String], users: UserList) {
        var settings = ProxySettings()
        settings.apply(program.script.checked)
        var selves = SelfAddresses()
        selves.add(socket: own)
        for alias in ScriptSockets(program.script.checked).aliases { selves.add(alias: alias.host, port: alias.port) }
        for domain in domains {
            let parts = HostAndPort(Array(domain.utf8))
            selves.add(alias: String(decoding: parts.host, as: UTF8.self), port: parts.port)
        }
        let state = ProxyState(
            selves: selves, settings: settings, location: LocationTables(secret: KeyedHash(key: (1, 2))), users: users,
            nonces: NonceBook(NonceIssuer(key: (3, 4))), decoy: Array(repeating: ASCII.zero, count: 32),
            secrets: ProxySecrets(transactions: (5, 6), branches: (7, 8), tags: (9, 10)))
        self.own = own
        self.shard = Shard(
            number: 0, state: state, policy: Policy(program: program, processID: 1, logger: ProxyLog(threshold: -9)),
            sockets: [ListenSocket(own)], start: self.now)
        let basket = self.traces
        _ = state.tracing.start { basket.add($0) }
    }

    /// Sends a message through.
    ///
    /// - Parameter source: where it comes from; `nil` for what its Via says.
    /// - Throws: ``ParseError`` for what is no SIP message.
    mutating func pass(_ message: SimulatedMessage, from source: SocketAddress?) throws(ParseError) -> Passage {
        var index = MessageIndex()
        try index.parse(message.bytes.span)
        let source = source ?? Self.source(message.bytes, index)
        self.now = self.now.adding(milliseconds: 10)
        let now = self.now
        // 2020-01-01, so that what is printed does not change from run to run.
        let wallTime: Int64 = 1_577_836_800
        message.bytes.withUnsafeBufferPointer {
            self.shard.receive($0, from: Peer(source), to: self.own, now: now, wallTime: wallTime)
        }
        var passage = Passage()
        while let pending = self.shard.questions.popLast() {
            passage.questions.append(Self.words(pending.question))
            self.shard.answer(pending.number, .failed, now: now, wallTime: wallTime)
        }
        for outgoing in self.shard.outbox {
            passage.sent.append(("\(outgoing.peer.transport):\(outgoing.peer.address)", Array(outgoing.bytes)))
        }
        self.shard.sent()
        passage.traces = self.traces.take()
        return passage
    }

    /// The address and port of the first Via.
    private static func source(_ bytes: [UInt8], _ index: MessageIndex) -> SocketAddress {
        let standard = SocketAddress(IPAddress(v4: 0x7F00_0001), 5061)
        guard let value = index.first(.via) else { return standard }
        var cursor = ByteCursor(bytes.span, value)
        guard let via = try? ViaRanges(parsing: &cursor), let ip = IPAddress(parsing: bytes.span, via.host) else {
            return standard
        }
        return SocketAddress(ip, via.port ?? 5060)
    }

    private static func words(_ question: Question) -> String {
        func text(_ bytes: [UInt8]) -> String { Printable.text(bytes) }
        switch question {
        case .addresses(let host): return "the addresses of \(text(host))"
        case .statement(let step): return "what \(step.sql) finds"
        case .rows(let query): return "rows of table \(text(query.table))"
        case .change, .save: return "a change of the database"
        case .media: return "ports of the media engine"
        }
    }
}

/// Keeps traces until they are taken.
private final class TraceBasket: Sendable {
    private let traces = Mutex<[RouteTrace]>([])

    func add(_ trace: RouteTrace) { self.traces.withLock { $0.append(trace) } }

    func take() -> [RouteTrace] {
        self.traces.withLock { traces in
            defer { traces = [] }
            return traces
        }
    }
}

extension Simulation.Passage {
    var text: String {
        var text = self.traces.map(RouteTraceText.text).joined()
        if self.traces.isEmpty { text += "the script did not run for this message\n" }
        for question in self.questions { text += "  ? asked for \(question): there is no answer in a simulation\n" }
        for (to, bytes) in self.sent {
            text += "\n>> to \(to)\n"
            var lines = bytes.split(separator: ASCII.lf, omittingEmptySubsequences: false)
            while lines.last.map({ $0.allSatisfy { $0 == ASCII.cr } }) == true { lines.removeLast() }
            for line in lines {
                text += Printable.text(Array(line.last == ASCII.cr ? line.dropLast() : line)) + "\n"
            }
        }
        return text + "\n"
    }

    var json: String {
        let sent = self.sent.map { to, bytes in
            "{\"to\":\(JSONText.quote(to)),\"message\":\(JSONText.quote(String(decoding: bytes, as: UTF8.self)))}"
        }
        return "{\"traces\":[\(self.traces.map(RouteTraceJSON.text).joined(separator: ","))],"
            + "\"unanswered\":\(RouteTraceJSON.list(self.questions)),\"sent\":[\(sent.joined(separator: ","))]}"
    }
}
