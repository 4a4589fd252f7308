import SIPKit

/// The findings in full: what, why, what to do, and which calls show it (`-p`).
struct ProblemReport {
    let summary: Summary
    var form = PageForm()
    private var width: Int { self.form.width }
    /// The least severity that is shown.
    var from = Diagnosis.Severity.info

    func text() -> String {
        var text = ""
        let shown = self.summary.findings.filter { $0.severity >= self.from }
        if shown.isEmpty { return "No rule found anything.\n" }
        for finding in shown { text += self.text(finding) + "\n" }
        return self.form.encoded(text)
    }

    private func text(_ finding: Finding) -> String {
        let rule = finding.diagnosis
        var head =
            "\(NumberText.left(finding.severity.name, 8)) \(rule.id) \(rule.name)   \(finding.confidence.rawValue)   \(NumberText.grouped(finding.count))"
        if self.summary.hasDates, finding.lastTime > 0 {
            head += "   \(TimeText.clock(finding.firstTime))"
            if finding.lastTime > finding.firstTime { head += " - \(TimeText.clock(finding.lastTime))" }
        }
        var lines = [head]
        // Cases of one call are alike; what was judged at the end says something else each time.
        for shown in finding.cases.prefix(rule.isAboutAll ? Finding.maxCases : 1) {
            lines += Self.wrap(shown.say, "  ", "  ", self.width)
        }
        lines += Self.wrap(rule.why, "  why  ", "       ", self.width)
        lines += Self.wrap(rule.remedy, "  do   ", "       ", self.width)
        for remark in finding.remarks { lines += Self.wrap(remark, "  note ", "       ", self.width) }
        for (id, count) in finding.explained.sorted(by: { $0.key < $1.key }) {
            guard let other = DiagnosisTable.rule(id) else { continue }
            lines.append("  so   \(other.id) \(other.name) (\(count)) is an effect of this")
        }
        for example in finding.cases where !example.callID.isEmpty {
            guard !example.messages.isEmpty else {
                lines.append("  see  \(example.callID)")
                continue
            }
            let numbers = example.messages.prefix(6).map { "\($0)" }.joined(separator: ", ")
            let line = "  see  \(example.callID)   messages \(numbers)"
            if line.unicodeScalars.count <= self.width {
                lines.append(line)
            } else {
                // A Call-ID is there to be copied: it stands whole in a line of its own, however long it is.
                lines += ["  see  \(example.callID)", "       messages \(numbers)"]
            }
        }
        lines[0] = self.form.painted(lines[0], finding.severity)
        return lines.map { $0 + "\n" }.joined()
    }

    /// Words in lines of a width; a word that is longer stands alone.
    static func wrap(_ text: String, _ first: String, _ rest: String, _ width: Int) -> [String] {
        var lines: [String] = []
        var line = first
        var isEmpty = true
        for word in text.split(separator: " ") {
            if !isEmpty, line.unicodeScalars.count + 1 + word.unicodeScalars.count > width {
                lines.append(line)
                line = rest
                isEmpty = true
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        if !isEmpty { lines.append(line) }
        return lines
    }
}
