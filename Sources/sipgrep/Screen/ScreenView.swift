/// One screen: what it shows, and what its keys do.
protocol ScreenView {
    /// The keys that the bottom line names.
    var hints: String { get }
    mutating func handle(_ key: Key, _ screen: Screen) -> ScreenStep
    mutating func draw(_ canvas: inout Canvas, _ screen: Screen)
}

/// What follows from a key.
enum ScreenStep {
    case stay
    case open(any ScreenView)
    case close
    /// Closes this view and puts a line at the bottom of the one below.
    case closeSaying(String)
    case quit
}

/// A cursor in a list that is longer than the window.
struct ListCursor: Equatable {
    var selected = 0
    var top = 0

    /// Moves by a key of sngrep's and vi's; answers whether it was one.
    mutating func handle(_ key: Key, count: Int, page: Int) -> Bool {
        switch key {
        case .up, .char("k"): self.selected -= 1
        case .down, .char("j"): self.selected += 1
        case .pageUp, .control(0x02): self.selected -= Swift.max(1, page)
        case .pageDown, .control(0x06): self.selected += Swift.max(1, page)
        case .control(0x15): self.selected -= Swift.max(1, page / 2)
        case .control(0x04): self.selected += Swift.max(1, page / 2)
        case .home: self.selected = 0
        case .end: self.selected = count - 1
        default: return false
        }
        self.clamp(count: count, page: page)
        return true
    }

    mutating func clamp(count: Int, page: Int) {
        self.selected = Swift.max(0, Swift.min(self.selected, count - 1))
        if self.selected < self.top { self.top = self.selected }
        if page > 0, self.selected >= self.top + page { self.top = self.selected - page + 1 }
        self.top = Swift.max(0, Swift.min(self.top, Swift.max(0, count - page)))
    }
}

/// Lines that are scrolled: help, statistics, a raw message.
struct TextPager {
    var top = 0

    mutating func handle(_ key: Key, count: Int, page: Int) -> Bool {
        switch key {
        case .up, .char("k"): self.top -= 1
        case .down, .char("j"): self.top += 1
        case .pageUp, .control(0x02): self.top -= page
        case .pageDown, .control(0x06), .char(" "): self.top += page
        case .home: self.top = 0
        case .end: self.top = count
        default: return false
        }
        self.top = Swift.max(0, Swift.min(self.top, Swift.max(0, count - page)))
        return true
    }

    mutating func draw(_ canvas: inout Canvas, _ lines: [(String, Canvas.Style)], from row: Int, page: Int) {
        self.top = Swift.max(0, Swift.min(self.top, Swift.max(0, lines.count - page)))
        for offset in 0..<Swift.max(0, page) where self.top + offset < lines.count {
            let (text, style) = lines[self.top + offset]
            canvas.put(row + offset, 1, text, style)
        }
    }
}
