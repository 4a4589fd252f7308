import SIPKit

/// The calls of a trace, counted: outcomes, success figures, times, where they went.
@dynamicMemberLookup
struct CallFigures: Sendable, Equatable, Codable {
    /// How an attempt ended: by its code, and 408 once more by whether it rang.
    struct Outcome: Hashable, Sendable, Codable {
        var status: Int
        var isDead: Bool
    }
    /// The calls with one route label.
    struct Route: Sendable, Equatable, Codable {
        var calls = 0
        var answered = 0
        var redirected = 0
        var dead = 0
        var ring = Distribution()

        mutating func add(_ other: Route) {
            self.calls += other.calls
            self.answered += other.answered
            self.redirected += other.redirected
            self.dead += other.dead
            self.ring.add(other.ring)
        }
    }

    private(set) var counts = Counts()
    var ringDelay = Distribution()
    var setup = Distribution()
    var duration = Distribution()
    var disconnect = Distribution()
    var transit = Distribution()
    /// By number of the label; 0 are the calls without one.
    var routes: [UInt16: Route] = [:]
    /// Calls that the server answered itself: nothing was passed on.
    var local = Route()
    /// Calls of known scanners, left out above.
    var noise = 0
    private var changes: [Change] = []

    /// A call that came up, or went.
    private struct Change: Sendable, Codable {
        var time: Int64
        var step: Int
    }

    static func == (left: CallFigures, right: CallFigures) -> Bool {
        left.tried == right.tried && left.outcomes == right.outcomes && left.duration == right.duration
    }

    subscript<Value>(dynamicMember count: KeyPath<Counts, Value>) -> Value { self.counts[keyPath: count] }

    mutating func add(_ facts: CallFacts, _ records: [ExchangeRecord], hasTimes: Bool) {
        self.counts.add(facts, records)
        if hasTimes { self.addTimes(facts, records) }
        self.addRoute(facts, records)
    }

    mutating func add(_ other: CallFigures) {
        self.counts.add(other.counts)
        self.ringDelay.add(other.ringDelay)
        self.setup.add(other.setup)
        self.duration.add(other.duration)
        self.disconnect.add(other.disconnect)
        self.transit.add(other.transit)
        for (hint, route) in other.routes { self.routes[hint, default: Route()].add(route) }
        self.local.add(other.local)
        self.changes += other.changes
        self.limitChanges()
    }

    private mutating func limitChanges() {
        if self.changes.count > 2_000_000 { self.changes.removeFirst(self.changes.count - 1_000_000) }
    }

    private mutating func addTimes(_ facts: CallFacts, _ records: [ExchangeRecord]) {
        if let delay = facts.requestDelay(records) { self.ringDelay.add(delay) }
        if let setup = facts.setupTime(records) { self.setup.add(setup) }
        if let duration = facts.duration(records) { self.duration.add(duration) }
        if let delay = facts.disconnectDelay(records) { self.disconnect.add(delay) }
        if let transit = facts.transit(records) { self.transit.add(transit) }
        guard facts.isAnswered, let final = facts.final else { return }
        self.changes.append(Change(time: records[final].time, step: 1))
        if let bye = facts.bye { self.changes.append(Change(time: records[bye].time, step: -1)) }
        self.limitChanges()
    }

    private mutating func addRoute(_ facts: CallFacts, _ records: [ExchangeRecord]) {
        func count(_ route: inout Route) {
            route.calls += 1
            if facts.isAnswered { route.answered += 1 }
            if (300..<400).contains(facts.status) { route.redirected += 1 }
            if facts.isDead { route.dead += 1 }
            if let delay = facts.requestDelay(records) { route.ring.add(delay) }
        }
        if facts.hint != 0 || facts.inviteCopy != nil {
            count(&self.routes[facts.hint, default: Route()])
        } else {
            count(&self.local)
        }
    }

    // MARK: Figures

    var redirected: Int { self.outcomes.reduce(0) { $0 + ((300..<400).contains($1.key.status) ? $1.value : 0) } }
    func ended(with codes: Set<Int>) -> Int {
        self.outcomes.reduce(0) { $0 + (codes.contains($1.key.status) ? $1.value : 0) }
    }

    /// Session establishment ratio: answered of those not redirected (RFC 6076 §4.6); `nil` when nothing was tried.
    var establishment: Double? { Self.ratio(self.answered, self.tried - self.redirected) }
    /// Effectiveness: busy, away and declined count as success of the network (RFC 6076 §4.7).
    var effectiveness: Double? {
        Self.ratio(self.answered + self.ended(with: [480, 486, 600, 603]), self.tried - self.redirected)
    }
    /// Ineffective attempts: 408, 500, 503, 504 (RFC 6076 §4.8).
    var ineffective: Double? { Self.ratio(self.ended(with: [408, 500, 503, 504]), self.tried) }
    /// Session completion ratio (RFC 6076 §4.9).
    var completion: Double? { Self.ratio(self.completed, self.tried) }
    /// Network effectiveness (ITU-T E.425 in SIP's words): whatever the called person did is success.
    var networkEffectiveness: Double? {
        Self.ratio(self.answered + self.ended(with: [480, 486, 600, 603]) + self.rangUnanswered, self.tried)
    }

    static func ratio(_ part: Int, _ whole: Int) -> Double? { whole > 0 ? 100 * Double(part) / Double(whole) : nil }

    /// The largest number of calls that were up at once, and when; a call without an ending counts as up.
    var peak: (most: Int, at: Int64) {
        var up = 0
        var best = (most: 0, at: Int64(0))
        for change in self.changes.sorted(by: { ($0.time, $0.step) < ($1.time, $1.step) }) {
            up += change.step
            if up > best.most { best = (up, change.time) }
        }
        return best
    }

    /// How many calls were up at each of these times, which must rise.
    func up(at times: [Int64]) -> [Int] {
        let sorted = self.changes.sorted { ($0.time, $0.step) < ($1.time, $1.step) }
        var (place, up) = (0, 0)
        return times.map { time in
            while place < sorted.count, sorted[place].time <= time {
                up += sorted[place].step
                place += 1
            }
            return max(0, up)
        }
    }
}

extension CallFigures {
    /// How many calls, and how they ended: what can be added up and is small.
    struct Counts: Sendable, Codable {
        var tried = 0
        var answered = 0
        var outcomes: [Outcome: Int] = [:]
        /// 487, 408 and 480 that count as the callee's doing and not the network's: those that rang.
        var rangUnanswered = 0
        /// Ended by a BYE that was confirmed.
        var completed = 0
        /// Answered, and no BYE in the trace.
        var unended = 0

        mutating func add(_ facts: CallFacts, _ records: [ExchangeRecord]) {
            self.tried += 1
            self.outcomes[Outcome(status: facts.status, isDead: facts.isDead), default: 0] += 1
            if facts.isAnswered {
                self.answered += 1
                if facts.bye == nil { self.unended += 1 }
                if facts.isCompleted(records) { self.completed += 1 }
            } else if [487, 408].contains(facts.status), facts.rang {
                self.rangUnanswered += 1
            }
        }

        mutating func add(_ other: Counts) {
            self.tried += other.tried
            self.answered += other.answered
            for (outcome, count) in other.outcomes { self.outcomes[outcome, default: 0] += count }
            self.rangUnanswered += other.rangUnanswered
            self.completed += other.completed
            self.unended += other.unended
        }
    }

    init(_ counts: Counts) { self.counts = counts }
}
