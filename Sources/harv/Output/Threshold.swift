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
    /// For a rate: the seconds that it counts by (60 for `/min`).
    let perSeconds: Double?

    /// - Returns: `nil` when the text is no limit or names no figure that there is.
    init?(_ text: String) {
        let bytes = Array(text.utf8).filter { $0 != ASCII.space }
        guard let at = bytes.firstIndex(where: { $0 == ASCII.less || $0 == ASCII.greater }), at > 0 else { return nil }
        var end = at + 1
        if end < bytes.count, bytes[end] == ASCII.equals { end += 1 }
        let (number, seconds) = Self.withoutUnit(Array(bytes[end...]))
        guard let comparison = Comparison(rawValue: String(decoding: bytes[at..<end], as: UTF8.self)),
            let limit = number.first == ASCII.minus
                ? Self.decimal(Array(number.dropFirst())).map({ -$0 }) : Self.decimal(number)
        else { return nil }
        self.text = text
        self.figure = String(decoding: bytes[..<at], as: UTF8.self)
        self.comparison = comparison
        self.limit = limit
        self.perSeconds = seconds
        let isRate = self.figure.hasPrefix("rate(") && self.figure.hasSuffix(")")
        guard isRate == (seconds != nil), limit >= 0 || self.figure.hasPrefix("delta.") else { return nil }
        guard Self.isKnown(isRate ? String(self.figure.dropFirst(5).dropLast()) : self.figure) else { return nil }
    }

    /// A number and, behind `/s`, `/min` or `/h`, the seconds that a rate counts by.
    private static func withoutUnit(_ bytes: [UInt8]) -> (number: [UInt8], seconds: Double?) {
        guard let slash = bytes.firstIndex(of: ASCII.slash) else { return (bytes, nil) }
        let units = ["s": 1.0, "min": 60, "h": 3600]
        guard let seconds = units[String(decoding: bytes[(slash + 1)...], as: UTF8.self)] else { return ([], nil) }
        return (Array(bytes[..<slash]), seconds)
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
        if let first = parts.first, first == "delta" { return Self.isKnown(parts.dropFirst().joined(separator: ".")) }
        // Any other number of the JSON report, by its path.
        if let first = figure.split(whereSeparator: { $0 == "." || $0 == "[" }).first,
            ["peers", "hints", "agents", "totals", "methods", "capture", "registrations", "options", "calls"].contains(
                first), parts.count > 1
        {
            return true
        }
        if parts.count == 2, parts[0] == "rules" { return DiagnosisTable.rule(parts[1]) != nil }
        return false
    }

    /// The figure's value; `nil` where it is not defined (no calls, no times): nothing is violated then.
    ///
    /// - Parameter baseline: what `delta.` is counted from.
    func value(_ summary: Summary, baseline: Baseline? = nil) -> Double? {
        if self.figure.hasPrefix("delta.") {
            let inner = String(self.figure.dropFirst(6))
            guard let baseline, let now = self.value(inner, baseline.now ?? summary) else { return nil }
            let before =
                baseline.before.map { self.value(inner, $0) }
                ?? baseline.figures[inner] ?? baseline.figures[inner + ".unique"]
            return before.map { now - $0 }
        }
        if let perSeconds {
            guard let first = summary.firstTime, let last = summary.lastTime, last > first,
                let value = self.value(String(self.figure.dropFirst(5).dropLast()), summary)
            else { return nil }
            return value / (Double(last - first) / 1e9) * perSeconds
        }
        return self.value(self.figure, summary)
    }

    private func value(_ figure: String, _ summary: Summary) -> Double? {
        let calls = summary.calls
        switch figure {
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
        let parts = figure.split(separator: ".").map(String.init)
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
        default: return Figures(summary)[figure]
        }
    }

    func isViolated(by summary: Summary, baseline: Baseline? = nil) -> Bool {
        guard let value = self.value(summary, baseline: baseline) else { return false }
        switch self.comparison {
        case .less: return value < self.limit
        case .greater: return value > self.limit
        case .lessOrEqual: return value <= self.limit
        case .greaterOrEqual: return value >= self.limit
        }
    }
}

/// What `delta.` in limits is counted from.
struct Baseline {
    let figures: Figures
    /// The same with everything that limits know, where there is more than a saved report.
    let before: Summary?
    /// What is compared with it; `nil` for the whole trace.
    let now: Summary?

    init(_ figures: Figures, before: Summary? = nil, now: Summary? = nil) {
        self.figures = figures
        self.before = before
        self.now = now
    }
}
