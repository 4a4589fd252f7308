import Glibc
import SIPKit

/// What `-f` shows: on a terminal the top of the page and new findings with their time; else a line of NDJSON for each
/// interval and for each new finding.
final class LiveScreen {
    private let isTerminal: Bool
    private let rows: Int
    private let form: PageForm
    private var known: [String: Int] = [:]
    private var news: [String] = []

    init(isTerminal: Bool, rows: Int, form: PageForm = PageForm()) {
        self.form = form
        self.isTerminal = isTerminal
        self.rows = max(12, rows)
    }

    func show(_ summary: Summary, window: Int64, isShortened: Bool) -> String {
        var fresh: [Finding] = []
        for finding in summary.findings where finding.severity > .info {
            if finding.count > self.known[finding.diagnosis.id] ?? 0 { fresh.append(finding) }
        }
        self.known = Dictionary(
            summary.findings.map { ($0.diagnosis.id, $0.count) }, uniquingKeysWith: { first, _ in first })
        return self.isTerminal
            ? self.page(summary, fresh, window, isShortened) : self.lines(summary, fresh, window, isShortened)
    }

    private func page(_ summary: Summary, _ fresh: [Finding], _ window: Int64, _ isShortened: Bool) -> String {
        for finding in fresh {
            let clock = TimeText.clock(finding.lastTime)
            self.news.append(
                self.form.encoded(
                    NumberText.left(
                        "\(clock) \(finding.diagnosis.id) \(finding.cases.last?.say ?? finding.diagnosis.title)",
                        self.form.width - 1)))
        }
        if self.news.count > 8 { self.news.removeFirst(self.news.count - 8) }
        var report = Report(summary)
        report.top = 8
        report.form = self.form
        let lines = report.text().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let room = max(6, self.rows - self.news.count - 3)
        var shown = lines.prefix(room)
        while shown.last?.isEmpty ?? false { shown.removeLast() }
        let head = "last \(TimeText.span(window))\(isShortened ? " (shorter than asked: memory)" : "")   Control-C ends"
        return "\u{1B}[H\u{1B}[2J"
            + ([head] + shown + (self.news.isEmpty ? [] : ["", "NEW"]) + self.news)
            .joined(separator: "\n") + "\n"
    }

    private func lines(_ summary: Summary, _ fresh: [Finding], _ window: Int64, _ isShortened: Bool) -> String {
        var json = JSONWriter()
        json.object { json in
            json.value("type", "interval")
            if let last = summary.lastTime, summary.hasDates { json.value("time", TimeText.iso(last)) }
            json.value("seconds", Double(window) / 1e9, decimals: 3)
            if isShortened { json.value("shortened", true) }
            json.value("messages", summary.messages.all.raw)
            json.value("calls", summary.calls.tried)
            json.value("answered", summary.calls.answered)
            json.value("ser", summary.calls.establishment, decimals: 2)
            json.value("srd_p95", summary.calls.ringDelay.quantile(0.95).map { Double($0) / 1e9 }, decimals: 6)
            json.value("findings", summary.findings.filter { $0.severity > .info }.reduce(0) { $0 + $1.count })
        }
        return json.text + "\n" + fresh.map { FindingLine.json($0, hasDates: summary.hasDates) }.joined()
    }
}

/// One finding as a line of NDJSON.
enum FindingLine {
    static func json(_ finding: Finding, hasDates: Bool) -> String {
        var json = JSONWriter()
        json.object { json in
            json.value("type", "finding")
            json.value("rule", finding.diagnosis.id)
            json.value("name", finding.diagnosis.name)
            json.value("severity", finding.severity.name)
            json.value("count", finding.count)
            if hasDates, finding.lastTime > 0 { json.value("last", TimeText.iso(finding.lastTime)) }
            json.value("say", finding.cases.last?.say)
            json.value("call_id", finding.cases.last.flatMap { $0.callID.isEmpty ? nil : $0.callID })
        }
        return json.text + "\n"
    }
}
