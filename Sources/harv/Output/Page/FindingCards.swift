import SIPKit

/// What is wrong, as cards: what, why, what to do, when, what the cases have in common, and calls that show it.
struct FindingCards {
    let summary: Summary

    func html() -> String {
        let shown = self.summary.findings.filter { $0.severity > .info }
        guard !shown.isEmpty else {
            return
                "<section><h2>What is wrong</h2><div class=card><p class=none>No rule found anything.</p></div></section>\n"
        }
        var html = "<section><h2>What is wrong</h2><div class=cards>"
        var left = HTMLReport.maxLadderBytes
        for finding in shown.prefix(HTMLReport.maxRows) { html += self.card(finding, &left) }
        return html + "</div></section>\n"
    }

    private func card(_ finding: Finding, _ left: inout Int) -> String {
        let rule = finding.diagnosis
        let moments = finding.moments.row(atMost: 60).map(\.slot)
        let when =
            self.summary.hasDates && finding.lastTime > 0
            ? "\(TimeText.clock(finding.firstTime))\(finding.lastTime > finding.firstTime ? " to \(TimeText.clock(finding.lastTime))" : "")"
            : ""
        var html =
            "<div class=\"card finding \(finding.severity.name)\" id=\"\(rule.id)\"><div class=head><span class=\"badge \(finding.severity.name)\">\(finding.severity.name)</span><code>\(rule.id) \(HTMLText.escape(rule.name))</code><span class=count>\(NumberText.grouped(finding.count))</span><h3>\(HTMLText.escape(rule.title))</h3>\(finding.count > 1 ? SVGChart.sparkline(moments) : "")</div>"
        if let first = finding.cases.first { html += "<p>\(HTMLText.escape(first.say))</p>" }
        html +=
            "<dl><dt>why</dt><dd>\(HTMLText.escape(rule.why))</dd><dt>do</dt><dd>\(HTMLText.escape(rule.remedy))</dd>"
        if !when.isEmpty { html += "<dt>when</dt><dd>\(when)</dd>" }
        for remark in finding.remarks { html += "<dt>note</dt><dd>\(HTMLText.escape(remark))</dd>" }
        for (id, count) in finding.explained.sorted(by: { $0.key < $1.key }) {
            guard let other = DiagnosisTable.rule(id) else { continue }
            html += "<dt>so</dt><dd>\(other.id) \(HTMLText.escape(other.name)) (\(count)) is an effect of this</dd>"
        }
        html += "</dl>"
        for example in finding.cases.prefix(3) where !example.callID.isEmpty {
            let ladder = self.summary.ladders[example.callID].flatMap { text -> String? in
                guard text.utf8.count < left else { return nil }
                left -= text.utf8.count
                return text
            }
            let head =
                "\(example.callID): messages \(example.messages.prefix(6).map { "\($0)" }.joined(separator: ", "))"
            html +=
                ladder.map {
                    "<details><summary>\(HTMLText.escape(head))</summary><pre>\(HTMLText.escape($0))</pre></details>"
                } ?? "<p class=foot>\(HTMLText.escape(head))</p>"
        }
        return html + "</div>"
    }
}
