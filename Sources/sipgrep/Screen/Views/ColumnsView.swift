/// Which columns the list has.
struct ColumnsView: OverlayView {
    var hints: String { "Space on or off  Enter apply  Esc back" }
    private var cursor = ListCursor()
    private var chosen: [CallColumn]

    init(_ chosen: [CallColumn]) { self.chosen = chosen }

    mutating func handle(_ key: Key, _ screen: Screen) -> ScreenStep {
        switch key {
        case .char(" "):
            let column = CallColumn.allCases[self.cursor.selected]
            if let at = self.chosen.firstIndex(of: column) {
                if self.chosen.count > 1 { self.chosen.remove(at: at) }
            } else {
                self.chosen.append(column)
            }
        case .enter:
            screen.chosenColumns = self.chosen
            return .close
        case .escape, .char("q"): return .close
        default: _ = self.cursor.handle(key, count: CallColumn.allCases.count, page: CallColumn.allCases.count)
        }
        return .stay
    }

    mutating func draw(_ canvas: inout Canvas, _ screen: Screen) {
        let all = CallColumn.allCases
        canvas.box(2, 4, height: all.count + 2, width: 26, title: "Columns")
        for (index, column) in all.enumerated() {
            let mark = self.chosen.contains(column) ? "[x]" : "[ ]"
            canvas.field(
                3 + index, 6, 22, "\(mark) \(column.title)", index == self.cursor.selected ? .reversed : .plain)
        }
    }
}
