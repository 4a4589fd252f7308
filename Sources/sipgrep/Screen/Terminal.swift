import CNcurses
import Glibc

/// The terminal, through ncurses: shows a canvas, tells keys. Nothing else knows ncurses.
final class Terminal {
    private let window: OpaquePointer?
    private var shown: Canvas?

    // The library's macros, which are no constants to Swift.
    private static let bold: Int32 = 1 << 21
    private static let dim: Int32 = 1 << 20
    private static let reverse: Int32 = 1 << 18

    /// - Throws: ``Failure`` when there is no terminal.
    init() throws(Failure) {
        guard isatty(STDOUT_FILENO) == 1 else { throw Failure("--tui: standard output is no terminal") }
        setlocale(LC_ALL, "")
        if isatty(STDIN_FILENO) != 1 {
            // The capture comes through standard input; keys come from the terminal itself.
            let keyboard = open("/dev/tty", O_RDWR | O_CLOEXEC)
            guard keyboard >= 0, dup2(keyboard, STDIN_FILENO) >= 0 else { throw Failure("--tui: there is no keyboard") }
        }
        guard getenv("TERM") != nil, let window = initscr() else {
            throw Failure("--tui: TERM is not set or not known")
        }
        self.window = OpaquePointer(window)
        set_escdelay(25)
        cbreak()
        noecho()
        nonl()
        keypad(window, true)
        nodelay(window, true)
        curs_set(0)
        if has_colors() {
            start_color()
            use_default_colors()
            // In the order of Canvas.Color, behind "plain".
            let colors = [COLOR_BLUE, COLOR_GREEN, COLOR_YELLOW, COLOR_RED, COLOR_CYAN, COLOR_MAGENTA]
            for (index, color) in colors.enumerated() { init_pair(Int16(index + 1), Int16(color), -1) }
        }
    }

    /// Gives the terminal back as it was.
    func close() { endwin() }

    private var handle: UnsafeMutablePointer<WINDOW>? { self.window.map { UnsafeMutablePointer($0) } }

    var width: Int { Int(getmaxx(self.handle)) }
    var height: Int { Int(getmaxy(self.handle)) }

    /// Draws what has changed; ncurses sends what differs.
    func show(_ canvas: Canvas) {
        for row in 0..<canvas.height {
            var column = 0
            while column < canvas.width {
                let style = canvas[row, column].style
                var text = ""
                let start = column
                while column < canvas.width, canvas[row, column].style == style {
                    text.unicodeScalars.append(canvas[row, column].scalar)
                    column += 1
                }
                wattrset(self.handle, Self.attributes(style))
                mvwaddnstr(self.handle, Int32(row), Int32(start), text, -1)
            }
        }
        wattrset(self.handle, 0)
        wrefresh(self.handle)
    }

    private static func attributes(_ style: Canvas.Style) -> Int32 {
        var attributes = style.color == .plain ? 0 : Int32(style.color.rawValue) << 8
        if style.isBold { attributes |= Self.bold }
        if style.isDim { attributes |= Self.dim }
        if style.isReversed { attributes |= Self.reverse }
        return attributes
    }

    /// The next key, or `nil` when none was pressed.
    func key() -> Key? {
        let code = wgetch(self.handle)
        switch code {
        case -1: return nil
        case KEY_UP: return .up
        case KEY_DOWN: return .down
        case KEY_LEFT: return .left
        case KEY_RIGHT: return .right
        case KEY_PPAGE: return .pageUp
        case KEY_NPAGE: return .pageDown
        case KEY_HOME: return .home
        case KEY_END: return .end
        case KEY_ENTER, 10, 13: return .enter
        case KEY_BACKSPACE, 127, 8: return .backspace
        case KEY_DC: return .delete
        case KEY_RESIZE:
            wclear(self.handle)
            return .resize
        case KEY_F0 + 1...KEY_F0 + 12: return .function(Int(code - KEY_F0))
        case 9: return .tab
        case 27: return .escape
        case 1...26: return .control(UInt8(code))
        case 32...126: return .character(UInt8(code))
        default: return nil
        }
    }
}
