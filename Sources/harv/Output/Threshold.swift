import SIPKit

/// A limit of `--warn` and `--crit`: a figure, a comparison, a number. `ser<60`, `times.srd.p95>4`, `findings.error>0`.
struct Threshold: Sendable, Equatable {
    enum Comparison: String, Sendable {
        case less = "<"
        case greater = ">"
        case lessOrEqual = "<="
        case greaterOrEqual = ">="
    }

    let text: String
    let figure: String
    let comparison: Comparison
    let limit: Double

    /// - Returns: `nil` when the text is no limit or names no figure that there is.
    init?(_ text: String) {
        let bytes = Array(text.utf8).filter { $0 != ASCII.space }
        guard let at = bytes.firstIndex(where: { $0 == ASCII.less || $0 == ASCII.greater }), at > 0 else { return nil }
        var end = at + 1
        if end < bytes.count, bytes[end] == ASCII.equals { end += 1 }
        guard let comparison = Comparison(rawValue: String(decoding: bytes[at..<end], as: UTF8.self)),
            let limit = Self.decimal(Array(bytes[end...]))
        else { return nil }
        self.text = text
        self.figure = String(decoding: bytes[..<at], as: UTF8.self)
        self.comparison = comparison
        self.limit = limit
        guard Self.isKnown(self.figure) else { return nil }
    }

    /// Digits with at most one point; nothing else is a number here.
    private static func decimal(_ bytes: [UInt8]) -> Double? {
        let parts = bytes.split(separator: ASCII.dot, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard parts.count <= 2, let whole = SessionFacts.number(parts[0], limit: 1_000_000_000_000) else { return nil }
        guard parts.count == 2 else { return Double(whole) }
        guard parts[1].utf8.count <= 9, let fraction = SessionFacts.number(parts[1], limit: 999_999_999) else {
            return nil
        }
        var scale = 1.0
        for _ in parts[1].utf8 { scale *= 10 }
        return Double(whole) + Double(fraction) / scale
    }

    /// Figures that may stand in a limit.
    static let names =
        [
            "ser", "seer", "isa", "scr", "asr", "ner", "acd", "calls", "answered", "unended", "registrations.good",
            "registrations.loops", "options.unanswered", "malformed",
        ]
        + Diagnosis.Severity.allCases.map { "findings.\($0.name)" }

    private static func isKnown(_ figure: String) -> Bool {
        if Self.names.contains(figure) { return true }
        let parts = figure.split(separator: ".").map(String.init)
        if parts.count == 3, parts[0] == "times" {
            return ["srd", "setup", "sdt", "sdd", "rrd", "transit", "options"].contains(parts[1])
                && ["p50", "p90", "p95", "p99", "max", "n"].contains(parts[2])
        }
        if parts.count == 2, parts[0] == "codes" {
            return SessionFacts.number(parts[1], limit: 699).map { $0 >= 100 } ?? false
        }
        if parts.count == 2, parts[0] == "rules" { return DiagnosisTable.rule(parts[1]) != nil }
        return false
    }

    /// The figure's value; `nil` where it is not defined (no calls, no times): nothing is violated then.
    func value(_ summary: Summary) -> Double? {
        let calls = summary.calls
        switch self.figure {
        case "ser": return calls.establishment
        case "seer": return calls.effectiveness
        case "isa": return calls.ineffective
        case "scr": return calls.completion
        case "asr": return CallFigures.ratio(calls.answered, calls.tried)
        case "ner": return calls.networkEffectiveness
        case "acd": return calls.duration.mean.map { $0 / 1e9 }
        case "calls": return Double(calls.tried)
        case "answered": return Double(calls.answered)
        case "unended": return Double(calls.unended)
        case "registrations.good": return CallFigures.ratio(summary.registrations.good, summary.registrations.tried)
        case "registrations.loops": return Double(summary.registrations.loops)
        case "options.unanswered": return Double(summary.pings.sent - summary.pings.answered)
        case "malformed": return Double(summary.messages.malformed)
        default: break
        }
        let parts = self.figure.split(separator: ".").map(String.init)
        switch parts.first {
        case "findings":
            let severity = Diagnosis.Severity.allCases.first { $0.name == parts[1] }
            return Double(summary.findings.filter { $0.severity == severity }.reduce(0) { $0 + $1.count })
        case "rules":
            let rule = DiagnosisTable.rule(parts[1])
            return Double(summary.findings.filter { $0.diagnosis.id == rule?.id }.reduce(0) { $0 + $1.count })
        case "codes": return Double(summary.messages.code(SessionFacts.number(parts[1], limit: 699) ?? 0).unique)
        case "times":
            let times: [String: Distribution] = [
                "srd": calls.ringDelay, "setup": calls.setup, "sdt": calls.duration, "sdd": calls.disconnect,
                "rrd": summary.registrations.delay, "transit": calls.transit, "options": summary.pings.delay,
            ]
            guard let values = times[parts[1]], values.count > 0 else { return nil }
            switch parts[2] {
            case "n": return Double(values.count)
            case "max": return Double(values.maximum) / 1e9
            case "p50": return values.quantile(0.5).map { Double($0) / 1e9 }
            case "p90": return values.quantile(0.9).map { Double($0) / 1e9 }
            case "p95": return values.quantile(0.95).map { Double($0) / 1e9 }
            default: return values.quantile(0.99).map { Double($0) / 1e9 }
            }
        default: return nil
        }
    }

    func isViolated(by summary: Summary) -> Bool {
        guard let value = self.value(summary) else { return false }
        switch self.comparison {
        case .less: return value < self.limit
        case .greater: return value > self.limit
        case .lessOrEqual: return value <= self.limit
        case .greaterOrEqual: return value >= self.limit
        }
    }
}
