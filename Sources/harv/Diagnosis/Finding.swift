import SIPKit

/// A rule with all that it found: how often, when, and a few examples.
struct Finding: Sendable, Codable {
    struct Case: Sendable, Equatable, Codable {
        var callID: String
        var messages: [UInt32]
        var time: Int64
        var say: String
        /// Its place among all that was found, in the order of judging.
        var order = 0
    }

    let diagnosis: Diagnosis
    var severity: Diagnosis.Severity
    var confidence: Diagnosis.Confidence
    var count = 0
    var firstTime: Int64 = 0
    var lastTime: Int64 = 0
    var cases: [Case] = []
    /// Findings of other rules that this one explains, by their rule.
    var explained: [String: Int] = [:]

    /// What the calls have in common with one another, as counts of cases.
    private(set) var factors: [Factor: Int] = [:]
    /// How many of the cases were calls.
    private(set) var callCount = 0
    /// When the cases were.
    private(set) var moments = TimeSeries<Int>(limit: 60)
    /// What rules about findings have to say.
    var remarks: [String] = []

    static let maxCases = 5
    static let maxFactors = 2_000

    mutating func note(_ factors: [Factor]) {
        self.callCount += 1
        for factor in factors where self.factors[factor] != nil || self.factors.count < Self.maxFactors {
            self.factors[factor, default: 0] += 1
        }
    }

    init(_ diagnosis: Diagnosis) {
        self.diagnosis = diagnosis
        self.severity = .info
        self.confidence = diagnosis.confidence
    }

    /// Adds what the same rule found elsewhere: the same as if all had been found here.
    mutating func add(_ other: Finding) {
        guard other.count > 0 else { return }
        let isEarlier = (other.cases.first?.order ?? .max) < (self.cases.first?.order ?? .max)
        if self.count == 0 || isEarlier { self.confidence = other.confidence }
        self.firstTime = self.count == 0 ? other.firstTime : min(self.firstTime, other.firstTime)
        self.lastTime = max(self.lastTime, other.lastTime)
        self.severity = max(self.severity, other.severity)
        self.count += other.count
        self.callCount += other.callCount
        self.moments.add(other.moments)
        for (rule, count) in other.explained { self.explained[rule, default: 0] += count }
        for (factor, count) in other.factors
        where self.factors[factor] != nil || self.factors.count < Self.maxFactors {
            self.factors[factor, default: 0] += count
        }
        self.cases = Array((self.cases + other.cases).sorted { $0.order < $1.order }.prefix(Self.maxCases))
    }

    /// Takes in what another rule found, as an effect of what this one names.
    mutating func explain(_ other: Finding) {
        self.explained[other.diagnosis.id, default: 0] += other.count
        for (rule, count) in other.explained { self.explained[rule, default: 0] += count }
    }

    mutating func add(_ evidence: Evidence, callID: String, time: Int64, order: Int) {
        if self.count == 0 {
            self.firstTime = time
            self.severity = evidence.severity ?? self.diagnosis.severity
            self.confidence = evidence.confidence ?? self.diagnosis.confidence
        }
        self.severity = max(self.severity, evidence.severity ?? self.diagnosis.severity)
        self.count += evidence.count
        self.moments.update(time) { $0 += evidence.count }
        self.firstTime = min(self.firstTime, time)
        self.lastTime = max(self.lastTime, evidence.until ?? time)
        if self.cases.count < Self.maxCases {
            self.cases.append(
                Case(callID: callID, messages: evidence.messages, time: time, say: evidence.say, order: order))
        }
    }
}
