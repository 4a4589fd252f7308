import SIPKit

/// The page and the findings as Markdown (`--markdown`): to be pasted into a ticket or a wiki.
///
/// What comes from the wire is escaped, so that nobody can write a link or a picture into somebody's ticket.
struct MarkdownReport {
    let summary: Summary
    /// How many rows a list has; 0 for all.
    var top = 15

    func text() -> String {
        let parts = [self.head(), self.findings(), self.calls(), self.times(), self.messages()]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// Text that Markdown takes for nothing but text.
    static func escaped(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            if "\\`*_{}[]<>()#+!|~&:@".unicodeScalars.contains(scalar) { output += "\\" }
            output.unicodeScalars.append(scalar.value < 0x20 ? " " : scalar)
        }
        return output
    }

    private func limited<Row>(_ rows: [Row]) -> ArraySlice<Row> { self.top == 0 ? rows[...] : rows.prefix(self.top) }

    /// A table: titles, and cells that are escaped already.
    private func table(_ titles: [String], _ rows: [[String]]) -> String {
        guard !rows.isEmpty else { return "" }
        // The first column is text, the others are numbers.
        let rule = titles.indices.map { $0 == 0 ? "---" : "---:" }
        return ([titles, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
    }

    private func head() -> String {
        let names = self.summary.inputs.map { Self.escaped(Printable.text($0.name.utf8)) }.joined(separator: ", ")
        var text = "# SIP report: \(names)\n\n"
        let all = self.summary.messages.all.raw
        text += "\(NumberText.grouped(all)) messages"
        if let first = self.summary.firstTime, let last = self.summary.lastTime, self.summary.hasTimes {
            text += " in \(TimeText.span(last - first))"
            if self.summary.hasDates { text += ", from \(TimeText.iso(first)) to \(TimeText.iso(last))" }
        }
        let servers = self.summary.nodes.servers.prefix(3).map(\.description).joined(separator: ", ")
        text += servers.isEmpty ? ".\n" : "; server \(servers).\n"
        if let words = self.summary.counting.words { text += "\n\(Self.escaped(words))\n" }
        if self.summary.isPartial { text += "\nStopped early: this is the report of what was read so far.\n" }
        for input in self.summary.inputs where !input.damage.isEmpty {
            text += "\n\(Self.escaped(Printable.text(input.name.utf8))): \(Self.escaped(input.damage))\n"
        }
        return text
    }

    // MARK: Findings

    private func findings() -> String {
        let shown = self.summary.findings.filter { $0.severity > .info }
        guard !shown.isEmpty else { return "## What is wrong\n\nNothing that a rule knows of.\n" }
        let rows = shown.map {
            ["\($0.severity.name) \($0.diagnosis.id) \($0.diagnosis.title)", NumberText.grouped($0.count)]
        }
        return "## What is wrong\n\n" + self.table(["Finding", "Count"], rows) + "\n"
            + self.limited(shown).map(self.finding).joined(separator: "\n")
    }

    private func finding(_ finding: Finding) -> String {
        let rule = finding.diagnosis
        var text = "### \(rule.id) \(rule.name)\n\n"
        if let first = finding.cases.first { text += "\(Self.escaped(first.say))\n\n" }
        text += "- **why** \(Self.escaped(rule.why))\n- **do** \(Self.escaped(rule.remedy))\n"
        for remark in finding.remarks { text += "- **note** \(Self.escaped(remark))\n" }
        for example in finding.cases where !example.callID.isEmpty {
            let numbers = example.messages.prefix(6).map { "\($0)" }.joined(separator: ", ")
            text += "- **see** \(Self.escaped(example.callID)), messages \(numbers)\n"
        }
        return text
    }

    // MARK: Figures

    private func calls() -> String {
        let calls = self.summary.calls
        guard calls.tried > 0 else { return "" }
        let rows = calls.outcomes.sorted { ($1.value, $0.key.status) < ($0.value, $1.key.status) }.map {
            outcome, count in
            [
                OutcomeName.of(outcome), outcome.status == 0 ? "-" : "\(outcome.status)", NumberText.grouped(count),
                NumberText.percent(100 * Double(count) / Double(calls.tried)),
            ]
        }
        return """
            ## Calls

            \(NumberText.grouped(calls.tried)) tried, \(NumberText.grouped(calls.answered)) answered: \
            SER \(NumberText.percent(calls.establishment)), NER \(NumberText.percent(calls.networkEffectiveness)), \
            SEER \(NumberText.percent(calls.effectiveness)), ISA \(NumberText.percent(calls.ineffective)), \
            SCR \(NumberText.percent(calls.completion)).


            """ + self.table(["How it ended", "Code", "Calls", "Share"], Array(self.limited(rows)))
    }

    private func times() -> String {
        let calls = self.summary.calls
        let values: [(String, Distribution)] = [
            ("to first ring (SRD)", calls.ringDelay), ("to answer", calls.setup), ("call length (SDT)", calls.duration),
            ("hang-up (SDD)", calls.disconnect), ("registration (RRD)", self.summary.registrations.delay),
            ("in the server, INVITE", calls.transit),
        ]
        let rows = values.filter { $0.1.count > 0 }.map { name, values in
            [name]
                + ([0.5, 0.9, 0.95, 0.99].map { values.quantile($0) ?? 0 } + [values.maximum]).map {
                    NumberText.fixed(Double($0) / 1e9, 3)
                }
        }
        guard self.summary.hasTimes, !rows.isEmpty else { return "" }
        return "## How long, in seconds\n\n" + self.table(["", "half", "90 %", "95 %", "99 %", "most"], rows)
    }

    private func messages() -> String {
        let counts = self.summary.messages
        func row(_ name: String, _ tally: Tally) -> [String] {
            [Self.escaped(name)]
                + tally.columns(self.summary.counting).map { NumberText.grouped($0.count) }
        }
        let classes = (1...6).map { ("\($0)xx", counts.codeClass($0)) }.filter { $0.1.raw > 0 }
        let rows = (counts.methods.map { ($0.name, $0.tally) } + classes + [("all", counts.all)]).map(row)
        return "## Messages\n\n" + self.table([""] + Tally().columns(self.summary.counting).map(\.name), rows)
    }
}
