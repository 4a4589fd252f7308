import SIPKit
import SIPTrace

/// The keys.
struct HelpView: ScreenView {
    var hints: String { "Up Down scroll  q back" }
    private var pager = TextPager()

    private static let text = """
        Everywhere
          arrows, h j k l, PgUp PgDn, ^F ^B ^U ^D, Home End   move
          Esc, q   back; in the list: leave        F1 ?   this page

        Calls
          Enter    ladder of the call, or of those that are selected
          Space    select                          F4 x   with the legs that headers tie to it
          F2 s     save                            F3 / Tab  find, n  again
          F5 ^L    forget all                      F6 r   messages as they were
          F7 f     filter                          F8 o   options
          F9       what is wrong                   F10 t  columns
          < > z    sort by another column, turn round
          i        figures      m  media streams   H  how the capture is doing
          c        colours      p  pause           A  stay at the end

        Ladder
          Enter    the message      Space  mark, and on another one compare
          d        session descriptions            m  media, M  streams of this call
          t        message beside the ladder       w  time of day or since the one before
          F4 x     legs             F2 s   save

        Message
          Left Right   the one before, the next one
        """

    mutating func handle(_ key: Key, _ screen: Screen) -> ScreenStep {
        if self.pager.handle(
            key, count: Self.text.split(separator: "\n", omittingEmptySubsequences: false).count, page: screen.page)
        {
            return .stay
        }
        return key == .char("q") || key == .escape || key == .enter || key == .function(1) ? .close : .stay
    }

    mutating func draw(_ canvas: inout Canvas, _ screen: Screen) {
        let lines = Self.text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            (String(line), line.first == " " ? Canvas.Style.plain : .bold)
        }
        self.pager.draw(&canvas, lines, from: 1, page: screen.page)
    }
}

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

/// RTP streams of some calls, or of all.
struct StreamsView: ScreenView {
    var hints: String { "Up Down scroll  q back" }
    let calls: [Int]
    private var pager = TextPager()

    init(calls: [Int]) { self.calls = calls }

    private func lines(_ screen: Screen) -> [(String, Canvas.Style)] {
        let streams =
            self.calls.isEmpty
            ? screen.media.streams : self.calls.flatMap { screen.streams(of: screen.store.tracker.callID($0)) }
        guard !streams.isEmpty else { return [("no media was captured", .dim)] }
        var lines: [(String, Canvas.Style)] = []
        for stream in streams {
            let quality = screen.media.quality(stream)
            let style: Canvas.Style = quality.map { $0.mos < 3.6 ? .color(.red) : .color(.green) } ?? .bold
            lines.append(
                (
                    "\(stream.source) > \(stream.destination)  \(Printable.text(stream.codec.utf8))  ssrc 0x\(String(stream.ssrc, radix: 16))",
                    style
                ))
            let lost = Swift.min(20, Int((stream.lossFraction * 200).rounded()))
            let bar = String(repeating: "#", count: lost) + String(repeating: ".", count: 20 - lost)
            lines.append(
                (
                    "  loss [\(bar)] \(StreamLines.decimal(stream.lossFraction * 100)) %  \(stream.packets)/\(stream.expected) packets",
                    .plain
                ))
            var line =
                "  jitter \(StreamLines.decimal(stream.meanJitter)) ms, at most \(StreamLines.decimal(stream.maximumJitter))"
            if let quality { line += "  MOS \(StreamLines.decimal(quality.mos))" }
            if !stream.digits.isEmpty { line += "  keys \(Printable.text(stream.digits))" }
            lines.append((line, .plain))
            if let reported = stream.reported { lines.append((StreamLines.text(reported), .plain)) }
        }
        return lines
    }

    mutating func handle(_ key: Key, _ screen: Screen) -> ScreenStep {
        if self.pager.handle(key, count: self.lines(screen).count, page: screen.page) { return .stay }
        return key == .char("q") || key == .escape || key == .enter ? .close : .stay
    }

    mutating func draw(_ canvas: inout Canvas, _ screen: Screen) {
        self.pager.draw(&canvas, self.lines(screen), from: 1, page: screen.page)
    }
}

/// How the capture is doing: rates, losses, and what became of every packet.
struct HealthView: ScreenView {
    var hints: String { "Up Down scroll  q back" }
    private var pager = TextPager()

    private func lines(_ screen: Screen) -> [(String, Canvas.Style)] {
        let health = screen.health
        func row(_ name: String, _ value: String, _ style: Canvas.Style = .plain) -> (String, Canvas.Style) {
            ("  \(name)\(String(repeating: " ", count: Swift.max(1, 36 - name.count)))\(value)", style)
        }
        var lines = [("Capture", Canvas.Style.bold)]
        lines.append(row("packets", String(health.counts.packets)))
        lines.append(row("SIP messages", String(health.counts.messages)))
        lines.append(row("cut short", String(health.counts.truncated)))
        if screen.input.isLive {
            lines.append(row("packets a second", String(health.packetRate)))
            lines.append(row("messages a second", String(health.messageRate)))
            let kernel = health.drops.byKernel
            lines.append(row("dropped by kernel", String(kernel), kernel > 0 ? .color(.red) : .plain))
            lines.append(row("dropped by interface", String(health.drops.byInterface)))
        }
        lines += [("", .plain), ("Kept", .bold)]
        lines.append(row("calls", String(screen.store.count)))
        lines.append(row("calls that made room", String(screen.store.forgotten)))
        lines.append(row("messages without Call-ID", String(screen.store.orphans)))
        lines.append(row("memory for messages", "\(screen.store.bytes >> 10) KiB of \(screen.store.limit >> 20) MiB"))
        if !health.notes.isEmpty {
            lines += [("", .plain), ("Notes", .bold)] + health.notes.map { ("  " + Printable.text($0.utf8), .plain) }
        }
        lines += [("", .plain), ("Packets that are not shown", .bold)]
        lines += health.counts.reasons.map { row($0.reason.sentence, String($0.count)) }
        return lines
    }

    mutating func handle(_ key: Key, _ screen: Screen) -> ScreenStep {
        if self.pager.handle(key, count: self.lines(screen).count, page: screen.page) { return .stay }
        return key == .char("q") || key == .escape || key == .enter ? .close : .stay
    }

    mutating func draw(_ canvas: inout Canvas, _ screen: Screen) {
        self.pager.draw(&canvas, self.lines(screen), from: 1, page: screen.page)
    }
}

/// What is wrong: alerts, media, calls that failed, messages that break the rules. Enter opens the call.
struct FindingsView: ScreenView {
    var hints: String { "Enter opens the call  q back" }
    private var cursor = ListCursor()

    private struct Finding {
        var text: String
        var style: Canvas.Style
        var call: Int?
    }

    private func findings(_ screen: Screen) -> [Finding] {
        let store = screen.store
        var found = screen.alerts.map { Finding(text: $0.sentence, style: .color(.red), call: nil) }
        found += screen.media.findings().map { finding in
            let call = store.calls.indices.first { store.tracker.callID($0).elementsEqual(finding.callID) }
            return Finding(text: "media \(finding.kind.rawValue): \(finding.sentence)", style: .color(.red), call: call)
        }
        for call in store.calls.indices where !store.calls[call].isForgotten {
            let record = store.record(call)
            if record.finalStatus >= 400, record.state == .rejected || record.state == .failed {
                let text = "\(record.method.name) \(store.from(call)) -> \(store.to(call)): \(record.finalStatus)"
                found.append(Finding(text: text, style: .color(.yellow), call: call))
            }
            if record.repeated > 0 {
                let text =
                    "\(record.method.name) \(store.from(call)) -> \(store.to(call)): \(record.repeated) messages sent again"
                found.append(Finding(text: text, style: .color(.yellow), call: call))
            }
            let lint = Set(store.calls[call].messages.flatMap { store.messages[$0].lint })
            for text in lint.sorted() {
                found.append(
                    Finding(text: "\(store.from(call)) -> \(store.to(call)): \(text)", style: .plain, call: call))
            }
            if found.count > 2000 { break }
        }
        return found
    }

    mutating func handle(_ key: Key, _ screen: Screen) -> ScreenStep {
        let found = self.findings(screen)
        if self.cursor.handle(key, count: found.count, page: screen.page - 1) { return .stay }
        switch key {
        case .enter:
            guard found.indices.contains(self.cursor.selected), let call = found[self.cursor.selected].call else {
                return .stay
            }
            return .open(FlowView(calls: [call]))
        case .char("q"), .escape, .function(9): return .close
        default: return .stay
        }
    }

    mutating func draw(_ canvas: inout Canvas, _ screen: Screen) {
        let found = self.findings(screen)
        self.cursor.clamp(count: found.count, page: screen.page - 1)
        canvas.put(1, 1, found.isEmpty ? "Nothing wrong was found" : "\(found.count) findings", .bold)
        for offset in 0..<Swift.max(0, screen.page - 1) where self.cursor.top + offset < found.count {
            let finding = found[self.cursor.top + offset]
            var style = finding.style
            style.isReversed = self.cursor.top + offset == self.cursor.selected
            canvas.field(2 + offset, 0, canvas.width, "  " + finding.text, style)
        }
    }
}
