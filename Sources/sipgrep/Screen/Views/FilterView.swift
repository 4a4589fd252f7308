/// Which calls the list shows.
struct FilterView: OverlayView {
    var hints: String { "Up Down field  Tab completes a name  Enter apply  F5 empty all  Esc back" }

    private var filter: ScreenFilter
    private var selected = 0
    private var mistake = ""

    init(_ filter: ScreenFilter) { self.filter = filter }

    mutating func handle(_ key: Key, _ screen: Screen) -> ScreenStep {
        switch key {
        case .up: self.selected = (self.selected + ScreenFilter.names.count - 1) % ScreenFilter.names.count
        case .down: self.selected = (self.selected + 1) % ScreenFilter.names.count
        case .tab:
            if self.selected == 6 {
                self.complete()
            } else {
                self.selected = (self.selected + 1) % ScreenFilter.names.count
            }
        case .enter:
            if let mistake = self.filter.compile() {
                self.mistake = mistake
                self.selected = 6
                return .stay
            }
            screen.filter = self.filter
            return .close
        case .function(5): self.filter = ScreenFilter()
        case .escape: return .close
        default:
            self.mistake = ""
            TextField.handle(key, &self.filter.texts[self.selected])
        }
        return .stay
    }

    /// The name of a field that begins with the last word; where several do, they are shown.
    private mutating func complete() {
        let text = self.filter.texts[6]
        let word =
            text.split(omittingEmptySubsequences: false) { $0 == " " || $0 == "(" || $0 == "!" }.last.map(String.init)
            ?? ""
        let fits = FilterField.names.map(\.name).filter { !word.isEmpty && $0.hasPrefix(word) }
        guard let first = fits.first else { return }
        if fits.count == 1 {
            self.filter.texts[6] = String(text.dropLast(word.count)) + first + " "
        } else {
            self.mistake = fits.joined(separator: " ")
        }
    }

    mutating func draw(_ canvas: inout Canvas, _ screen: Screen) {
        let width = Swift.min(canvas.width - 4, 76)
        let top = Swift.max(1, canvas.height / 2 - 7)
        canvas.box(top, 2, height: ScreenFilter.names.count + 5, width: width, title: "Filter")
        for (index, name) in ScreenFilter.names.enumerated() {
            canvas.put(top + 2 + index, 5, name, index == self.selected ? .bold : .plain)
            let text = self.filter.texts[index]
            let room = width - 22
            let shown = text.count > room - 1 ? String(text.suffix(Swift.max(0, room - 1))) : text
            canvas.field(
                top + 2 + index, 18, room, shown + (index == self.selected ? "_" : ""),
                index == self.selected ? .reversed : .plain)
        }
        canvas.put(top + ScreenFilter.names.count + 3, 5, self.mistake, .color(.red), limit: width - 6)
    }
}
