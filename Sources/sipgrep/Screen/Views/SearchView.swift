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
