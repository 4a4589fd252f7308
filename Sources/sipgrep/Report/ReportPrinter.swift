import SIPKit
import SIPTrace

/// `--report`: no messages, but what they amount to.
struct ReportPrinter: MessagePrinter {
    enum Format: String, Sendable, CaseIterable { case text, md, json }

    var isNgrepLike: Bool { false }
    private let format: Format
    private var reading = MessageReading()
    private var tracker: DialogTracker
    private var methods = [Int](repeating: 0, count: SIPMethod.allCases.count)
    private var statuses = [Int](repeating: 0, count: 700)
    private var responses = 0
    private var requests = 0
    private var unreadable = 0
    private var repeated = 0
    private var agents = Tally(limit: 10_000)
    private var sources = Tally(limit: 100_000)
    private var first: Int64?
    private var last: Int64 = 0

    private let names: NameTable?

    init(_ format: Format, maximumDialogs: Int = 1_000_000, names: NameTable? = nil) {
        self.names = names
        self.format = format
        self.tracker = DialogTracker(maximumDialogs: maximumDialogs)
    }

    mutating func print(_ origin: MessageOrigin, _ message: Span<UInt8>, to output: inout OutputBuffer) {
        self.reading.read(message)
        if self.first == nil { self.first = origin.time }
        self.last = Swift.max(self.last, origin.time)
        guard self.reading.isReadable else {
            self.unreadable += 1
            return
        }
        if self.reading.isRequest {
            self.requests += 1
            self.methods[Int(self.reading.index.method.rawValue)] += 1
        } else {
            self.responses += 1
            if self.reading.status < self.statuses.count { self.statuses[self.reading.status] += 1 }
        }
        if let (_, isRepeated) = self.tracker.take(origin, message, self.reading), isRepeated { self.repeated += 1 }
        self.agents.add(message, self.reading.agent)
        self.sources.add(origin.source)
    }

    mutating func finish(_ summary: Summary, to output: inout OutputBuffer) {
        let sections = self.sections(summary)
        switch self.format {
        case .text: ReportText.write(sections, to: &output)
        case .md: ReportText.writeMarkdown(sections, to: &output)
        case .json: ReportText.writeJSON(sections, to: &output)
        }
    }

    func sections(_ summary: Summary) -> [ReportSection] {
        var clock = UTCClock()
        var general = ReportSection(
            "messages",
            [
                ("packets", .number(summary.counts.packets)), ("sip", .number(summary.counts.messages)),
                ("reported", .number(self.requests + self.responses + self.unreadable)),
                ("requests", .number(self.requests)), ("responses", .number(self.responses)),
                ("repeated", .number(self.repeated)), ("truncated", .number(summary.counts.truncated)),
                ("unreadable", .number(self.unreadable)),
            ])
        if let first = self.first {
            general.rows.append(("from", .text(clock.text(first))))
            general.rows.append(("to", .text(clock.text(self.last))))
            general.rows.append(("seconds", .seconds(self.last - first)))
        }
        let methods = SIPMethod.allCases.map { ($0 == .other ? "other" : "\($0.name)", self.methods[Int($0.rawValue)]) }
        let statuses = self.statuses.indices.map { (String($0), self.statuses[$0]) }
        return [
            general, ReportSection("methods", counts: methods.filter { $0.1 > 0 }.sorted { $0.1 > $1.1 }),
            ReportSection("statuses", counts: statuses.filter { $0.1 > 0 }), self.dialogs, self.calls,
            ReportSection("user_agents", counts: self.agents.top(15)),
            ReportSection("sources", counts: self.sources.top(15, self.names)),
            ReportSection("not_shown", counts: summary.counts.reasons.map { ($0.reason.sentence, $0.count) }),
        ].filter { !$0.rows.isEmpty }
    }

    private var dialogs: ReportSection {
        var states = [Int](repeating: 0, count: DialogRecord.State.allCases.count)
        for record in self.tracker.records { states[Int(record.state.rawValue)] += 1 }
        let counts = DialogRecord.State.allCases.map { ("\($0.name)", states[Int($0.rawValue)]) }
        var section = ReportSection("dialogs", [("all", .number(self.tracker.records.count + self.tracker.overflow))])
        section.rows += ReportSection("", counts: counts.filter { $0.1 > 0 }).rows
        if self.tracker.overflow > 0 { section.rows.append(("not kept", .number(self.tracker.overflow))) }
        return section
    }

    private var calls: ReportSection {
        let calls = self.tracker.records.filter { $0.method == .invite }
        guard !calls.isEmpty else { return ReportSection("calls", []) }
        let answered = calls.filter { $0.answered >= 0 }
        var section = ReportSection(
            "calls",
            [
                ("all", .number(calls.count)), ("answered", .number(answered.count)),
                (
                    "answered_per_cent",
                    .text(FlowText.seconds(Int64(answered.count) * 100_000_000_000 / Int64(calls.count)))
                ),
            ])
        Self.add("post_dial_delay", calls.compactMap(\.postDialDelay), to: &section)
        Self.add("setup_time", calls.compactMap(\.setupTime), to: &section)
        Self.add("talk_time", calls.compactMap(\.talkTime), to: &section)
        return section
    }

    /// Median, 95th percentile and maximum; means hide what users suffer.
    private static func add(_ name: String, _ values: [Int64], to section: inout ReportSection) {
        guard !values.isEmpty else { return }
        let sorted = values.sorted()
        section.rows.append(("\(name)_median", .seconds(sorted[sorted.count / 2])))
        section.rows.append(("\(name)_p95", .seconds(sorted[Swift.min(sorted.count - 1, sorted.count * 95 / 100)])))
        section.rows.append(("\(name)_max", .seconds(sorted[sorted.count - 1])))
    }
}

/// Counts of different texts or addresses; beyond a limit, new ones are counted together.
struct Tally {
    private var names = ByteKeyTable()
    private var counts: [Int] = []
    private var addresses: [IPAddress: Int] = [:]
    private var others = 0
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    mutating func add(_ bytes: Span<UInt8>, _ range: ByteRange) {
        guard !range.isEmpty else { return }
        if self.counts.count >= self.limit, self.names.find(bytes, range) == nil {
            self.others += 1
            return
        }
        let (number, isNew) = self.names.insert(bytes, range)
        if isNew { self.counts.append(0) }
        self.counts[number] += 1
    }

    mutating func add(_ address: SocketAddress) {
        if self.addresses.count >= self.limit, self.addresses[address.ip] == nil {
            self.others += 1
        } else {
            self.addresses[address.ip, default: 0] += 1
        }
    }

    func top(_ number: Int, _ known: NameTable? = nil) -> [(String, Int)] {
        var all = self.counts.indices.map { (Printable.text(self.names[$0]), self.counts[$0]) }
        all += self.addresses.map { (known?.name($0.key) ?? "\($0.key)", $0.value) }
        all.sort { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0 }
        let rest = all.dropFirst(number).reduce(self.others) { $0 + $1.1 }
        return Array(all.prefix(number)) + (rest > 0 ? [("others", rest)] : [])
    }
}
