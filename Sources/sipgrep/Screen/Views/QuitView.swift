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
