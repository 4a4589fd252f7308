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
        /// Its Server texts, by the agents' numbers.
        var agents: [UInt32: Seen] = [:]
    }
    /// From the first to the last time that something was seen.
    struct Seen: Sendable, Equatable, Codable {
        var first: Int64
        var last: Int64
    }

    static let maxServers = 200
    static let maxProcesses = 128
    static let maxRewritten = 50
    /// More texts than these are many servers, and no restarts of one.
    static let maxAgents = 8
    private(set) var servers: [SocketAddress: Server] = [:]
    /// What was noted last: nearly always the next answer says the same.
    private var lastAgent: UInt32 = 0
    private var lastSource = SocketAddress(.anyV4, 0)
    private var lastTime: Int64 = .min

    mutating func note(_ context: CallContext) {
        for place in context.records.indices {
            let record = context.records[place]
            guard !record.isRequest, record.isFirst, record.viaCount == 1, context.isOut(record) else { continue }
            var isNews = false
            // What says no name says nothing of a change.
            if record.agent != 0 {
                isNews = record.agent != self.lastAgent || record.source != self.lastSource
                if !isNews { self.lastTime = max(self.lastTime, record.time) }
            }
            guard record.traits.contains(.hasWarning) || isNews,
                self.servers[record.source] != nil || self.servers.count < Self.maxServers
            else { continue }
            if isNews {
                // Calls end in another order than their answers came: how long the text before was there is known now.
                self.servers[self.lastSource]?.see(self.lastAgent, self.lastTime)
                self.lastAgent = record.agent
                self.lastSource = record.source
                self.lastTime = record.time
                self.servers[record.source, default: Server()].see(record.agent, record.time)
            }
            if record.traits.contains(.hasWarning) { self.noteWarning(context, place) }
        }
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
    mutating func see(_ agent: UInt32, _ time: Int64) {
        guard agent != 0, self.agents[agent] != nil || self.agents.count <= ServerTraceLedger.maxAgents else { return }
        var seen = self.agents[agent] ?? ServerTraceLedger.Seen(first: time, last: time)
        seen.first = min(seen.first, time)
        seen.last = max(seen.last, time)
        self.agents[agent] = seen
    }

    /// When one Server text gave way to another for good. A text that comes back is that of a second server on this address.
    var versions: [(old: UInt32, new: UInt32, since: Int64)] {
        guard self.agents.count <= ServerTraceLedger.maxAgents else { return [] }
        let order = self.agents.sorted { ($0.value.first, $0.key) < ($1.value.first, $1.key) }
        let changes = zip(order, order.dropFirst())
        guard changes.allSatisfy({ $0.value.last < $1.value.first }) else { return [] }
        return changes.map { ($0.key, $1.key, $1.value.first) }
    }

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
