import SIPKit
import SIPTrace

/// The calls, one a row.
struct CallListView: ScreenView {
    var hints: String { "F1 help F2 save F3 find F4 legs F5 clear F6 raw F7 filter F8 options F9 problems F10 columns" }

    var cursor = ListCursor()
    var columns = CallColumn.usual
    var sortedBy = CallColumn.index
    var isReversed = false
    private(set) var selected: Set<Int> = []
    private var search = ""

    /// What the list shows, in its order.
    func rows(_ screen: Screen) -> [Int] {
        let store = screen.store
        var rows = store.calls.indices.filter { call in
            store.calls[call].isWanted && !store.calls[call].isForgotten && !store.calls[call].messages.isEmpty
                && screen.filter.accepts(call, store)
        }
        if self.sortedBy != .index {
            let keys = rows.map { ($0, self.sortedBy.key($0, screen)) }
            rows = keys.sorted { $0.1 != $1.1 ? $0.1 < $1.1 : $0.0 < $1.0 }.map(\.0)
        }
        return self.isReversed ? rows.reversed() : rows
    }

    mutating func handle(_ key: Key, _ screen: Screen) -> ScreenStep {
        let rows = self.rows(screen)
        if self.cursor.handle(key, count: rows.count, page: screen.page - 1) { return .stay }
        let current = rows.indices.contains(self.cursor.selected) ? rows[self.cursor.selected] : nil
        switch key {
        case .enter:
            let chosen = self.selected.isEmpty ? current.map { [$0] } ?? [] : self.selected.sorted()
            return chosen.isEmpty ? .stay : .open(FlowView(calls: chosen))
        case .char(" "):
            guard let current else { return .stay }
            if self.selected.remove(current) == nil { self.selected.insert(current) }
        case .function(4), .char("x"):
            guard let current else { return .stay }
            return .open(FlowView(calls: screen.store.legs(of: current, correlators: screen.correlators)))
        case .function(6), .char("r"):
            guard let current else { return .stay }
            return .open(RawView(messages: screen.store.calls[current].messages))
        case .function(5), .control(0x0C):
            screen.clear()
            self.selected = []
            self.cursor = ListCursor()
        case .function(2), .char("s"):
            return .open(SaveView(SaveScope(selected: self.selected.sorted(), shown: rows, message: nil)))
        case .function(3), .char("/"), .tab:
            return .open(SearchView(self.search))
        case .char("n"): self.find(screen.searchText, rows, screen)
        case .function(7), .char("f"): return .open(FilterView(screen.filter))
        case .function(8), .char("o"), .char("O"): return .open(OptionsView())
        case .function(9): return .open(FindingsView())
        case .function(10), .char("t"): return .open(ColumnsView(self.columns))
        case .function(1), .char("?"), .char("h"): return .open(HelpView())
        case .char("i"): return .open(StatisticsView(screen))
        case .char("m"): return .open(StreamsView(calls: []))
        case .char("H"): return .open(HealthView())
        case .char("c"): screen.options.colorBy = Self.next(screen.options.colorBy)
        case .char("p"):
            screen.isPaused.toggle()
            screen.message = screen.isPaused ? "paused: what comes now is not kept" : "goes on"
        case .char("A"): screen.options.scrollsAlong.toggle()
        case .char(">"), .char("<"):
            let all = self.columns
            let at = all.firstIndex(of: self.sortedBy) ?? 0
            let step = key == .char(">") ? 1 : all.count - 1
            self.sortedBy = all[(at + step) % all.count]
            screen.message = "sorted by \(self.sortedBy.title)"
        case .char("z"): self.isReversed.toggle()
        case .char("q"), .escape:
            return screen.input.isLive && !screen.health.hasEnded && screen.store.count > 0 ? .open(QuitView()) : .quit
        default: break
        }
        if let columns = screen.chosenColumns {
            self.columns = columns
            screen.chosenColumns = nil
        }
        return .stay
    }

    private static func next(_ color: ScreenOptions.ColorBy) -> ScreenOptions.ColorBy {
        let all = ScreenOptions.ColorBy.allCases
        return all[((all.firstIndex(of: color) ?? 0) + 1) % all.count]
    }

    /// Goes to the next call that has the text in a message.
    private mutating func find(_ text: String, _ rows: [Int], _ screen: Screen) {
        guard !text.isEmpty, !rows.isEmpty else { return }
        for step in 1...rows.count {
            let at = (self.cursor.selected + step) % rows.count
            let hit = screen.store.calls[rows[at]].messages.contains {
                ByteSearch.contains(screen.store.messages[$0].bytes, text)
            }
            if hit {
                self.cursor.selected = at
                return
            }
        }
        screen.message = "\"\(text)\" is in no call that is shown"
    }

    mutating func draw(_ canvas: inout Canvas, _ screen: Screen) {
        if let columns = screen.chosenColumns {
            self.columns = columns
            screen.chosenColumns = nil
        }
        let rows = self.rows(screen)
        if screen.wantsSearch {
            screen.wantsSearch = false
            self.cursor.selected -= 1
            self.find(screen.searchText, rows, screen)
        }
        let page = screen.page - 1
        if screen.options.scrollsAlong { self.cursor.selected = rows.count - 1 }
        self.cursor.clamp(count: rows.count, page: page)
        self.drawTitles(&canvas, screen, shown: rows.count)
        var clock = LocalClock()
        for offset in 0..<Swift.max(0, page) where self.cursor.top + offset < rows.count {
            let call = rows[self.cursor.top + offset]
            let isCurrent = self.cursor.top + offset == self.cursor.selected
            var style = Canvas.Style(color: Self.color(call, screen), isReversed: isCurrent)
            style.isBold = self.selected.contains(call)
            canvas.fill(2 + offset, 0, canvas.width, style)
            canvas.put(2 + offset, 0, isCurrent ? ">" : self.selected.contains(call) ? "*" : " ", style)
            var at = 1
            for column in self.columns {
                canvas.put(2 + offset, at, column.text(call, screen, &clock), style, limit: column.width)
                at += column.width + 1
            }
        }
        if rows.isEmpty {
            let text = screen.store.count > 0 ? "no call passes the filter" : "no calls yet"
            canvas.put(3, 2, text, .dim)
        }
    }

    private func drawTitles(_ canvas: inout Canvas, _ screen: Screen, shown: Int) {
        canvas.fill(1, 0, canvas.width, .bold)
        var at = 1
        for column in self.columns {
            let mark =
                column == self.sortedBy && (column != .index || self.isReversed) ? (self.isReversed ? "^" : "v") : ""
            canvas.put(1, at, column.title + mark, .bold, limit: column.width)
            at += column.width + 1
        }
        if !screen.filter.isEmpty {
            let text = " \(shown) shown: \(screen.filter.summary) "
            canvas.put(
                1, Swift.max(0, canvas.width - text.utf8.count), text, Canvas.Style(color: .yellow, isBold: true))
        }
    }

    /// Answered green, failed red, in between yellow.
    private static func color(_ call: Int, _ screen: Screen) -> Canvas.Color {
        switch screen.store.record(call).state {
        case .inCall, .ok: .green
        case .rejected, .failed, .busy: .red
        case .callSetup, .open: .yellow
        case .cancelled, .diverted: .cyan
        case .completed: .plain
        }
    }
}
