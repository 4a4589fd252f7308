/// One line for a monitoring system, with the limits that were hit and the figures behind a bar (`--check`).
struct CheckLine {
    let text: String
    /// 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
    let status: Int32

    init(_ summary: Summary, warn: [Threshold], crit: [Threshold], baseline: Baseline? = nil) {
        guard summary.messages.all.raw > 0 else {
            self.text = "HARV UNKNOWN - no SIP in the input"
            self.status = 3
            return
        }
        let critical = crit.filter { $0.isViolated(by: summary, baseline: baseline) }
        let warned = warn.filter { $0.isViolated(by: summary, baseline: baseline) }
        let word = !critical.isEmpty ? "CRITICAL" : !warned.isEmpty ? "WARNING" : "OK"
        self.status = !critical.isEmpty ? 2 : !warned.isEmpty ? 1 : 0
        let hits = (critical.isEmpty ? warned : critical).map {
            "\($0.figure) \(NumberText.fixed($0.value(summary, baseline: baseline) ?? 0, 1)) (\($0.comparison.rawValue)\(NumberText.fixed($0.limit, 1)))"
        }
        let what =
            hits.isEmpty
            ? "\(summary.calls.tried) calls, \(summary.messages.all.raw) messages" : hits.joined(separator: ", ")
        var figures: [String] = []
        func add(_ name: String, _ value: Double?, _ unit: String, _ decimals: Int) {
            guard let value else { return }
            let limits = [warn.first { $0.figure == name }, crit.first { $0.figure == name }].map {
                $0.map { NumberText.fixed($0.limit, decimals) } ?? ""
            }
            figures.append("\(name)=\(NumberText.fixed(value, decimals))\(unit);\(limits[0]);\(limits[1])")
        }
        add("ser", summary.calls.establishment, "%", 1)
        add("ner", summary.calls.networkEffectiveness, "%", 1)
        add("times.srd.p95", summary.calls.ringDelay.quantile(0.95).map { Double($0) / 1e9 }, "s", 2)
        add("calls", Double(summary.calls.tried), "", 0)
        add(
            "findings.error", Double(summary.findings.filter { $0.severity >= .error }.reduce(0) { $0 + $1.count }), "",
            0)
        self.text = "HARV \(word) - \(what) | \(figures.joined(separator: " "))"
    }
}
