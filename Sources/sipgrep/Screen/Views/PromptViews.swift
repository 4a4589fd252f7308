/// Asks for a text to find.
struct SearchView: OverlayView {
    var hints: String { "Enter find  Esc back" }
    private var text: String

    init(_ text: String) { self.text = text }

    mutating func handle(_ key: Key, _ screen: Screen) -> ScreenStep {
        switch key {
        case .enter:
            screen.searchText = self.text
            screen.wantsSearch = !self.text.isEmpty
            return .close
        case .escape: return .close
        default: TextField.handle(key, &self.text)
        }
        return .stay
    }

    mutating func draw(_ canvas: inout Canvas, _ screen: Screen) {
        canvas.box(canvas.height / 2 - 2, 4, height: 3, width: canvas.width - 8, title: "Find")
        canvas.field(canvas.height / 2 - 1, 6, canvas.width - 12, self.text + "_")
    }
}

/// Asks whether to leave a capture that is running.
struct QuitView: OverlayView {
    var hints: String { "y leave  n stay" }

    mutating func handle(_ key: Key, _ screen: Screen) -> ScreenStep {
        switch key {
        case .char("y"), .char("Y"), .enter, .char("q"): .quit
        case .char("n"), .char("N"), .escape: .close
        default: .stay
        }
    }

    mutating func draw(_ canvas: inout Canvas, _ screen: Screen) {
        canvas.box(canvas.height / 2 - 2, canvas.width / 2 - 20, height: 3, width: 40, title: "Leave")
        canvas.put(canvas.height / 2 - 1, canvas.width / 2 - 17, "Leave the capture? (y/n)", .bold)
    }
}

/// A line of text that is being typed.
enum TextField {
    static let longest = 500

    static func handle(_ key: Key, _ text: inout String) {
        switch key {
        case .character(let byte) where text.utf8.count < Self.longest: text.unicodeScalars.append(Unicode.Scalar(byte))
        case .backspace, .delete: if !text.isEmpty { text.removeLast() }
        case .control(0x15): text = ""
        default: break
        }
    }
}
