import SIPKit
import SIPTrace

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
