import SIPKit

/// `--warn-rtt`, `--crit-rtt`, `--warn-loss`, `--crit-loss`: when a measured value is too bad.
struct Thresholds: Sendable, Equatable {
    var warnTime: Duration?
    var critTime: Duration?
    var warnLoss: Double?
    var critLoss: Double?

    enum Verdict: Int, Comparable, Sendable {
        case fine, warning, critical
        static func < (left: Verdict, right: Verdict) -> Bool { left.rawValue < right.rawValue }
    }

    var isEmpty: Bool { self == Thresholds() }

    /// The mean time and the loss are looked at; a time that was never measured misses nothing, its loss does.
    func judge(_ tally: ProbeTally) -> Verdict {
        let time = tally.samples.mean
        let hasTime = !tally.samples.isEmpty
        if let limit = self.critTime, hasTime, time > limit { return .critical }
        if let limit = self.critLoss, tally.loss > limit { return .critical }
        if let limit = self.warnTime, hasTime, time > limit { return .warning }
        if let limit = self.warnLoss, tally.loss > limit { return .warning }
        return .fine
    }

    /// `rtt=1.204ms;100;500;0 loss=0%;5;20 retrans=0`, as Nagios reads it.
    func performanceData(_ tally: ProbeTally) -> String {
        func limit(_ duration: Duration?) -> String { duration.map { Milliseconds.short($0) } ?? "" }
        func limit(_ percent: Double?) -> String { percent.map { Self.percent($0) } ?? "" }
        let time = tally.samples.isEmpty ? "U" : Milliseconds.text(tally.samples.mean) + "ms"
        return "rtt=\(time);\(limit(self.warnTime));\(limit(self.critTime));0 "
            + "loss=\(Self.percent(tally.loss))%;\(limit(self.warnLoss));\(limit(self.critLoss)) retrans=\(tally.retransmissions)"
    }

    /// Without a fraction where there is none.
    static func percent(_ value: Double) -> String {
        let text = JSONText.decimal(value, 1)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
