import SIPKit
import SIPTrace

/// What servers say about themselves: the processes and rewritten URIs of SER's Warning headers, and their versions.
struct ServerTraceLedger: Sendable, Codable {
    struct Process: Sendable, Codable {
        var first: Int64
        var last: Int64
        var count = 0
    }
    struct Server: Sendable, Codable {
        var processes: [UInt32: Process] = [:]
        var warnings = 0
        /// Request-URIs as they came in and went out, where they differ.
        var rewritten: [String: String] = [:]
        var agent: UInt32 = 0
        var oldAgent: UInt32 = 0
        var agentSince: Int64 = 0
        var agentChanges = 0
    }

    static let maxServers = 200
    static let maxProcesses = 128
    static let maxRewritten = 50
    private(set) var servers: [SocketAddress: Server] = [:]
    /// What was noted last: nearly always the next answer says the same.
    private var lastAgent: UInt32 = 0
    private var lastSource = SocketAddress(.anyV4, 0)

    mutating func note(_ context: CallContext) {
        for place in context.records.indices {
            let record = context.records[place]
            guard !record.isRequest, record.isFirst, record.viaCount == 1, context.isOut(record),
                record.traits.contains(.hasWarning) || record.agent != self.lastAgent
                    || record.source != self.lastSource,
                self.servers[record.source] != nil || self.servers.count < Self.maxServers
            else { continue }
            self.lastAgent = record.agent
            self.lastSource = record.source
            if record.agent != 0 { self.noteAgent(record) }
            if record.traits.contains(.hasWarning) { self.noteWarning(context, place) }
        }
    }

    private mutating func noteAgent(_ record: ExchangeRecord) {
        let known = self.servers[record.source, default: Server()].agent
        guard known != record.agent else { return }
        self.servers[record.source, default: Server()].agent = record.agent
        guard known != 0 else { return }
        self.servers[record.source, default: Server()].oldAgent = known
        self.servers[record.source, default: Server()].agentSince = record.time
        self.servers[record.source, default: Server()].agentChanges += 1
    }

    private mutating func noteWarning(_ context: CallContext, _ place: Int) {
        let record = context.records[place]
        if let line = context.usualLine(place, "Warning: ") {
            return self.noteWarning(context.conversation.bytes, line, record)
        }
        guard let message = context.message(place), let range = message.first(.warning) else { return }
        self.noteWarning(message.span, range, record)
    }

    private mutating func noteWarning(_ bytes: [UInt8], _ range: ByteRange, _ record: ExchangeRecord) {
        self.noteWarning(bytes.span, range, record)
    }

    private mutating func noteWarning(_ bytes: Span<UInt8>, _ range: ByteRange, _ record: ExchangeRecord) {
        guard bytes.holds(range, "Noisy feedback") else { return }
        // In place: a copy of a server is a copy of its processes.
        Self.update(&self.servers[record.source, default: Server()], bytes, range, record.time)
    }

    private static func update(_ server: inout Server, _ bytes: Span<UInt8>, _ range: ByteRange, _ time: Int64) {
        server.warnings += 1
        if let pid = number(bytes, range, behind: "pid=") {
            if server.processes[pid] != nil || server.processes.count < maxProcesses {
                server.processes[pid, default: Process(first: time, last: time)].count += 1
                server.processes[pid]?.last = time
            }
        }
        if server.rewritten.count < maxRewritten, let came = word(bytes, range, behind: "in_uri="),
            let left = word(bytes, range, behind: "out_uri="),
            bytes.equals(came, bytes, left) == false
        {
            server.rewritten[Printable.text(bytes.copy(came))] = Printable.text(bytes.copy(left))
        }
    }

    private static func word(_ bytes: Span<UInt8>, _ range: ByteRange, behind key: StaticString) -> ByteRange? {
        guard let start = bytes.place(behind: key, in: range) else { return nil }
        var end = start
        while end < range.end, bytes[end] != ASCII.space, bytes[end] != ASCII.quote { end += 1 }
        return ByteRange(start, end)
    }

    private static func number(_ bytes: Span<UInt8>, _ range: ByteRange, behind key: StaticString) -> UInt32? {
        guard let word = Self.word(bytes, range, behind: key) else { return nil }
        return ASCII.number(bytes, word, limit: 0xFFFF_FFFF).map { UInt32(truncatingIfNeeded: $0) }
    }
}

extension ServerTraceLedger.Server {
    /// When the processes of one time gave way to others, all at once: twenty warnings and two processes on both sides.
    var restarts: [Int64] {
        let order = self.processes.values.sorted { ($0.first, $0.last) < ($1.first, $1.last) }
        var before = (processes: 0, count: 0, last: Int64.min)
        var times: [Int64] = []
        for (place, process) in order.enumerated() {
            if before.processes >= 2, before.count >= 20, process.first > before.last {
                let after = order[place...]
                if after.count >= 2, after.reduce(0, { $0 + $1.count }) >= 20 {
                    times.append(process.first)
                    before = (0, 0, .min)
                }
            }
            before = (before.processes + 1, before.count + process.count, max(before.last, process.last))
        }
        return times
    }
}
