import SIPKit
import SIPTrace

/// Figures over everything that is kept: what `--report` prints.
struct StatisticsView: ScreenView {
    var hints: String { "Up Down scroll  q back" }
    private var pager = TextPager()
    private let lines: [(String, Canvas.Style)]

    init(_ screen: Screen) {
        var printer = ReportPrinter(.text)
        var output = OutputBuffer()
        for message in screen.store.messages where !message.bytes.isEmpty {
            let bytes = message.bytes
            printer.print(message.origin, bytes.span, to: &output)
        }
        let summary = Summary(counts: screen.health.counts, matched: screen.store.messages.count, limitsReached: 0)
        self.lines = printer.sections(summary).flatMap { section in
            [(ReportText.title(section.name), Canvas.Style.bold)]
                + section.rows.map { row in
                    let name = ReportText.title(row.name)
                    let fill = String(repeating: " ", count: Swift.max(1, 40 - name.count))
                    return ("  \(name)\(fill)\(ReportText.text(row.value))", Canvas.Style.plain)
                } + [("", Canvas.Style.plain)]
        }
    }

    mutating func handle(_ key: Key, _ screen: Screen) -> ScreenStep {
        if self.pager.handle(key, count: self.lines.count, page: screen.page) { return .stay }
        return key == .char("q") || key == .escape || key == .enter ? .close : .stay
    }

    mutating func draw(_ canvas: inout Canvas, _ screen: Screen) {
        self.pager.draw(&canvas, self.lines, from: 1, page: screen.page)
    }
}
