import SIPKit

/// Two messages side by side; what one has and the other has not stands out.
struct DiffView: ScreenView {
    var hints: String { "Up Down scroll  q back" }

    let left: Int
    let right: Int
    private var pager = TextPager()

    init(left: Int, right: Int) {
        self.left = left
        self.right = right
    }

    private func rows(_ screen: Screen) -> [MessageDiff.Row] {
        MessageDiff.rows(screen.store.messages[self.left].bytes, screen.store.messages[self.right].bytes)
    }

    mutating func handle(_ key: Key, _ screen: Screen) -> ScreenStep {
        if self.pager.handle(key, count: self.rows(screen).count, page: screen.page - 1) { return .stay }
        if key == .char("q") || key == .escape || key == .enter { return .close }
        return .stay
    }

    mutating func draw(_ canvas: inout Canvas, _ screen: Screen) {
        let half = canvas.width / 2
        let rows = self.rows(screen)
        let page = screen.page - 1
        self.pager.top = Swift.max(0, Swift.min(self.pager.top, Swift.max(0, rows.count - page)))
        canvas.put(1, 1, "\(screen.store.messages[self.left].label)", .bold, limit: half - 2)
        canvas.put(1, half + 2, "\(screen.store.messages[self.right].label)", .bold, limit: half - 3)
        for offset in 0..<Swift.max(0, page) where self.pager.top + offset < rows.count {
            let row = rows[self.pager.top + offset]
            let isSame = row.left == row.right
            canvas.put(2 + offset, half, "|", .dim)
            let from: Canvas.Style = isSame ? .plain : .color(.red)
            let to: Canvas.Style = isSame ? .plain : .color(.green)
            canvas.put(2 + offset, 0, isSame ? " " : row.right == nil ? "-" : "~", from)
            if let text = row.left { canvas.put(2 + offset, 1, text, from, limit: half - 2) }
            if let text = row.right { canvas.put(2 + offset, half + 2, text, to, limit: canvas.width - half - 2) }
        }
    }
}
