/// What can be switched.
struct OptionsView: OverlayView {
    var hints: String { "Space switch  Esc back" }
    private var selected = 0

    private static func lines(_ screen: Screen) -> [String] {
        func box(_ isOn: Bool) -> String { isOn ? "[x]" : "[ ]" }
        let options = screen.options
        return [
            "\(box(options.showsDelta)) time since the message before",
            "\(box(options.showsRaw)) message beside the ladder",
            "\(box(options.showsSDP)) codecs in the ladder", "\(box(options.showsMedia)) media in the ladder",
            "\(box(options.scrollsAlong)) list stays at its end", "colours by \(options.colorBy.rawValue)",
        ]
    }

    mutating func handle(_ key: Key, _ screen: Screen) -> ScreenStep {
        switch key {
        case .up, .char("k"): self.selected = Swift.max(0, self.selected - 1)
        case .down, .char("j"): self.selected = Swift.min(5, self.selected + 1)
        case .char(" "), .enter:
            switch self.selected {
            case 0: screen.options.showsDelta.toggle()
            case 1: screen.options.showsRaw.toggle()
            case 2: screen.options.showsSDP.toggle()
            case 3: screen.options.showsMedia.toggle()
            case 4: screen.options.scrollsAlong.toggle()
            default:
                let all = ScreenOptions.ColorBy.allCases
                screen.options.colorBy = all[((all.firstIndex(of: screen.options.colorBy) ?? 0) + 1) % all.count]
            }
        case .escape, .char("q"), .function(8): return .close
        default: break
        }
        return .stay
    }

    mutating func draw(_ canvas: inout Canvas, _ screen: Screen) {
        canvas.box(4, 6, height: 8, width: 44, title: "Options")
        for (index, line) in Self.lines(screen).enumerated() {
            canvas.field(5 + index, 8, 40, line, index == self.selected ? .reversed : .plain)
        }
    }
}
