import SIPKit
import SIPTrace

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
