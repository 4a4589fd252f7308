import SIPKit
import SIPTrace

/// What can be saved from where the dialog was opened.
struct SaveScope {
    var selected: [Int]
    var shown: [Int]
    var message: Int?
}

/// Saves calls or one message, as a capture, a text or a picture.
struct SaveView: OverlayView {
    enum Format: String, CaseIterable { case pcap, pcapng, txt, json, html, svg, mermaid }
    enum What: String, CaseIterable { case selected, shown, all, message }

    var hints: String { "Up Down field  Left Right choose  Enter save  Esc back" }
    private let scope: SaveScope
    private var path = "sipgrep.pcap"
    private var format = Format.pcap
    private var what: What
    private var isAnonymous = false
    private var field = 0
    private var mistake = ""

    init(_ scope: SaveScope) {
        self.scope = scope
        self.what = scope.selected.isEmpty ? .shown : .selected
    }

    mutating func handle(_ key: Key, _ screen: Screen) -> ScreenStep {
        switch key {
        case .up: self.field = (self.field + 3) % 4
        case .down, .tab: self.field = (self.field + 1) % 4
        case .escape: return .close
        case .enter: return self.save(screen)
        case .left, .right: self.choose(key == .right ? 1 : -1)
        case .char(" ") where self.field > 0: self.choose(1)
        default: if self.field == 0 { TextField.handle(key, &self.path) }
        }
        return .stay
    }

    private mutating func choose(_ step: Int) {
        func next<Choice: CaseIterable & Equatable>(_ choice: Choice) -> Choice {
            let all = Array(Choice.allCases)
            return all[((all.firstIndex(of: choice) ?? 0) + step + all.count) % all.count]
        }
        switch self.field {
        case 1:
            let old = ".\(self.format.rawValue)"
            self.format = next(self.format)
            if self.path.hasSuffix(old) {
                self.path = String(self.path.dropLast(old.count)) + ".\(self.format.rawValue)"
            }
        case 2: self.what = next(self.what)
        case 3: self.isAnonymous.toggle()
        default: break
        }
    }

    private mutating func save(_ screen: Screen) -> ScreenStep {
        let store = screen.store
        var messages: [Int]
        switch self.what {
        case .selected: messages = self.scope.selected.flatMap { store.calls[$0].messages }
        case .shown: messages = self.scope.shown.flatMap { store.calls[$0].messages }
        case .all: messages = Array(store.messages.indices)
        case .message: messages = self.scope.message.map { [$0] } ?? []
        }
        messages = messages.filter { !store.messages[$0].bytes.isEmpty }.sorted {
            (store.messages[$0].origin.time, $0) < (store.messages[$1].origin.time, $1)
        }
        guard !messages.isEmpty else {
            self.mistake = "there is nothing to save"
            return .stay
        }
        var anonymiser = self.isAnonymous ? Anonymiser() : nil
        let captured = messages.map { index -> CapturedMessage in
            let message = CapturedMessage(store.messages[index].origin, bytes: store.messages[index].bytes)
            return anonymiser?.message(message) ?? message
        }
        do {
            try MessageSaving.save(captured, as: self.format, to: self.path)
        } catch {
            self.mistake = "\(error)"
            return .stay
        }
        return .closeSaying("\(captured.count) messages saved to \(Printable.text(self.path.utf8))")
    }

    mutating func draw(_ canvas: inout Canvas, _ screen: Screen) {
        let width = Swift.min(70, canvas.width - 4)
        let top = Swift.max(1, canvas.height / 2 - 5)
        canvas.box(top, 2, height: 9, width: width, title: "Save")
        let rows = [
            ("File", self.path + (self.field == 0 ? "_" : "")), ("Format", "< \(self.format.rawValue) >"),
            ("What", "< \(self.what.rawValue) >"), ("Anonymous", self.isAnonymous ? "< yes >" : "< no >"),
        ]
        for (index, (name, value)) in rows.enumerated() {
            canvas.put(top + 2 + index, 5, name, index == self.field ? .bold : .plain)
            canvas.field(top + 2 + index, 18, width - 20, value, index == self.field ? .reversed : .plain)
        }
        canvas.put(top + 7, 5, self.mistake, .color(.red), limit: width - 6)
    }
}
