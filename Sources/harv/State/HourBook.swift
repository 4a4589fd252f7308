import SIPKit
import SIPTrace

/// Figures by the hour of the trace's time (UTC), of the newest eight days, for `--baseline auto`: the same hours of last week.
///
/// A conversation belongs to the hour in which it began. What is kept of an hour can be added up, and is small: times as counts
/// in steps of one percent, rules by their cases alone.
struct HourBook: Sendable, Codable {
    private(set) var hours: [Int64: HourFigures] = [:]

    static let maxHours = 8 * 24
    static let length: Int64 = 3_600_000_000_000
    static let week: Int64 = 7 * 24

    /// The hour that a time lies in, counted from 1970.
    static func hour(_ time: Int64) -> Int64 {
        time >= 0 ? time / Self.length : (time - Self.length + 1) / Self.length
    }

    var first: Int64? { self.hours.keys.min() }

    mutating func note(_ context: CallContext, _ facts: CallFacts?, rules: [(id: String, count: Int)], isNoise: Bool) {
        guard context.hasTimes, let first = context.records.first else { return }
        let hour = Self.hour(first.time)
        if self.hours[hour] == nil, self.hours.count >= Self.maxHours {
            // What is older than all that is kept comes too late.
            guard let oldest = self.first, hour > oldest else { return }
            self.hours[oldest] = nil
        }
        self.hours[hour, default: HourFigures()].add(context, facts, rules, isNoise)
    }

    /// Some hours together, as a summary that has what comparisons and limits ask for; what is not kept by the hour is empty.
    func summary(_ range: ClosedRange<Int64>, agents: AgentTable) -> Summary {
        var sum = HourFigures()
        for (hour, figures) in self.hours where range.contains(hour) { sum.add(figures) }
        return sum.summary(range, agents: agents)
    }
}

/// What one hour came to.
struct HourFigures: Sendable, Codable {
    var calls = CallFigures.Counts()
    var times = [Histogram](repeating: Histogram(), count: Time.allCases.count)
    var registrations = 0
    var registered = 0
    var loops = 0
    var pings = 0
    var pongs = 0
    var methods: [SIPMethod: Tally] = [:]
    var codes: [UInt16: Tally] = [:]
    var rules: [String: Int] = [:]
    var hops: [SocketAddress: CallTally] = [:]
    /// The senders' programs, as the agents' table numbers them.
    var agents: Set<UInt32> = []

    enum Time: Int, CaseIterable { case ring, setup, duration, disconnect, transit, registration, options }

    static let maxHops = 1_000
    static let maxAgents = 2_000

    mutating func add(
        _ context: CallContext, _ facts: CallFacts?, _ rules: [(id: String, count: Int)], _ isNoise: Bool
    ) {
        for record in context.records {
            if record.isRequest {
                self.methods[record.method, default: Tally()].add(record.passage)
            } else {
                self.codes[record.status, default: Tally()].add(record.passage)
            }
            if record.agent != 0, record.isFirst, !isNoise, self.agents.count < Self.maxAgents {
                self.agents.insert(record.agent)
            }
        }
        guard !isNoise else { return }
        for (id, count) in rules { self.rules[id, default: 0] += count }
        if let facts { self.addCall(context, facts) }
        if context.hasRegister, let place = context.records.firstIndex(where: { $0.isRequest(.register) }) {
            var one = RegistrationFigures()
            one.add(context.records, user: context.registration(place)?.addressOfRecord ?? 0, hasTimes: true)
            self.registrations += one.tried
            self.registered += one.good
            self.loops += one.loops
            self.times[Time.registration.rawValue].add(one.delay)
        }
        if context.conversation.has(.options) {
            var one = PingFigures()
            one.add(context.records, hasTimes: true)
            self.pings += one.sent
            self.pongs += one.answered
            self.times[Time.options.rawValue].add(one.delay)
        }
    }

    private mutating func addCall(_ context: CallContext, _ facts: CallFacts) {
        var one = CallFigures()
        one.add(facts, context.records, hasTimes: true)
        self.calls.add(one.counts)
        for (time, values) in [
            (Time.ring, one.ringDelay), (.setup, one.setup), (.duration, one.duration), (.disconnect, one.disconnect),
            (.transit, one.transit),
        ] { self.times[time.rawValue].add(values) }
        guard let copy = facts.inviteCopy else { return }
        let hop = context.records[copy].destination
        guard self.hops[hop] != nil || self.hops.count < Self.maxHops else { return }
        self.hops[hop, default: CallTally()].calls += 1
        if facts.isAnswered { self.hops[hop, default: CallTally()].answered += 1 }
    }

    mutating func add(_ other: HourFigures) {
        self.calls.add(other.calls)
        for place in self.times.indices { self.times[place].add(other.times[place]) }
        self.registrations += other.registrations
        self.registered += other.registered
        self.loops += other.loops
        self.pings += other.pings
        self.pongs += other.pongs
        for (method, tally) in other.methods { self.methods[method, default: Tally()].add(tally) }
        for (code, tally) in other.codes { self.codes[code, default: Tally()].add(tally) }
        for (rule, count) in other.rules { self.rules[rule, default: 0] += count }
        for (hop, tally) in other.hops {
            self.hops[hop, default: CallTally()].calls += tally.calls
            self.hops[hop, default: CallTally()].answered += tally.answered
        }
        self.agents.formUnion(other.agents)
    }

    func summary(_ range: ClosedRange<Int64>, agents: AgentTable) -> Summary {
        func time(_ time: Time) -> Distribution { Distribution(self.times[time.rawValue]) }
        var summary = Summary()
        summary.firstTime = range.lowerBound * HourBook.length
        summary.lastTime = (range.upperBound + 1) * HourBook.length
        summary.messages = MessageCounts(methods: self.methods, codes: self.codes)
        summary.calls = CallFigures(self.calls)
        summary.calls.ringDelay = time(.ring)
        summary.calls.setup = time(.setup)
        summary.calls.duration = time(.duration)
        summary.calls.disconnect = time(.disconnect)
        summary.calls.transit = time(.transit)
        summary.registrations.tried = self.registrations
        summary.registrations.good = self.registered
        summary.registrations.loops = self.loops
        summary.registrations.delay = time(.registration)
        summary.pings.sent = self.pings
        summary.pings.answered = self.pongs
        summary.pings.delay = time(.options)
        for (address, tally) in self.hops {
            summary.hops[address] = NextHop(address: address, calls: tally.calls, answered: tally.answered)
        }
        summary.agents = agents.with(only: self.agents)
        summary.findings = self.rules.compactMap { id, count in
            DiagnosisTable.rule(id).map { rule in
                var finding = Finding(rule)
                finding.severity = rule.severity
                finding.count = count
                return finding
            }
        }
        return summary
    }
}

/// Times in steps of one percent, only those that occur.
struct Histogram: Sendable, Codable {
    fileprivate(set) var maximum: Int64 = 0
    fileprivate(set) var minimum: Int64 = .max
    fileprivate(set) var sum = 0.0
    /// How many values are in each step, as ``Distribution`` numbers them.
    fileprivate(set) var counts: [UInt16: UInt32] = [:]

    mutating func add(_ values: Distribution) {
        guard values.count > 0 else { return }
        self.maximum = max(self.maximum, values.maximum)
        self.minimum = min(self.minimum, values.minimum)
        self.sum += values.sum
        for (step, count) in values.steps { self.counts[step, default: 0] &+= count }
    }

    mutating func add(_ other: Histogram) {
        self.maximum = max(self.maximum, other.maximum)
        self.minimum = min(self.minimum, other.minimum)
        self.sum += other.sum
        for (step, count) in other.counts { self.counts[step, default: 0] &+= count }
    }
}

/// The hours that a run has read, and the same ones seven days before.
struct WeekComparison {
    let hours: ClosedRange<Int64>
    /// Since when hours are kept; `nil` when there is none.
    let since: Int64?
    let new: Summary
    /// `nil` when the state does not reach back so far.
    let old: Summary?

    /// - Parameters:
    ///   - before: the last time that the run before had read; `nil` in the first run.
    init?(_ summary: Summary, before: Int64?) {
        guard let book = summary.hours, let first = summary.firstTime, let last = summary.lastTime, summary.hasDates
        else { return nil }
        let end = HourBook.hour(last)
        var begin = HourBook.hour(before.map { $0 + 1 } ?? first)
        // After a gap (the log of last week's Monday, then today's) the hour that was read last is no part of it.
        if let next = book.hours.keys.filter({ $0 > begin && $0 <= end }).min(), next > begin + 1 { begin = next }
        // A week and more would be compared with itself.
        self.hours = max(min(begin, end), end - HourBook.week + 1)...end
        self.since = book.first
        let past = self.hours.lowerBound - HourBook.week...self.hours.upperBound - HourBook.week
        self.new = book.summary(self.hours, agents: summary.agents)
        self.old = book.first.map { $0 <= past.lowerBound } ?? false ? book.summary(past, agents: summary.agents) : nil
    }

    var baseline: Baseline? { self.old.map { Baseline(Figures($0), before: $0, now: self.new) } }

    func text() -> String {
        func shown(_ hour: Int64) -> String {
            let time = hour * HourBook.length
            return "\(TimeText.date(time)) \(TimeText.pad(TimeText.fields(time).hour, 2)):00"
        }
        let range = "\(shown(self.hours.lowerBound)) to \(shown(self.hours.upperBound + 1)) UTC"
        guard let old else {
            let since = self.since.map { "the state collects since \(shown($0))" } ?? "the state has no hours yet"
            return "\nNO COMPARISON with the same hours of last week (\(range)):\n\(since).\n"
        }
        return "\nTHE SAME HOURS OF LAST WEEK (old) and \(range) (new)\n"
            + Comparison(old: Figures(old), new: Figures(self.new)).text()
    }
}
