import Glibc
import SIPKit

/// How pages for people are drawn: how wide, with which characters, and whether in colour.
struct PageForm: Sendable, Equatable {
    /// Columns; a line that is longer is cut, never wrapped.
    var width = 80
    /// Whether bars are drawn with block characters; else with `#`.
    var drawsBlocks = false
    /// Whether every character beyond ASCII becomes a `?`.
    var isASCII = false
    var isColoured = false

    /// What `--width` takes, and which of it a terminal gets unasked: a page as wide as a large screen is hard to read.
    static let widths = 72...200
    static let terminalWidths = 72...120

    /// When there are colours; sipsak's and sipgrep's words.
    enum Colour: String, CaseIterable, Sendable {
        case auto, always, never

        func isWanted(onTerminal isTerminal: Bool, noColor: String?) -> Bool {
            switch self {
            case .always: true
            case .never: false
            case .auto: isTerminal && (noColor ?? "").isEmpty
            }
        }
    }

    /// What is known of standard output.
    struct Terminal: Sendable {
        var isThere = false
        /// 0 where it does not say.
        var columns = 0
        var hasUTF8 = false
        var noColor: String? = nil

        /// Asks the system.
        static func current() -> Terminal {
            var size = winsize()
            let isThere = isatty(STDOUT_FILENO) != 0
            let columns = isThere && ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 ? Int(size.ws_col) : 0
            return Terminal(
                isThere: isThere, columns: columns,
                hasUTF8: Self.hasUTF8(["LC_ALL", "LC_CTYPE", "LANG"].map(Self.variable)),
                noColor: Self.variable("NO_COLOR"))
        }

        private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

        /// Whether the locale is one of UTF-8: the first variable that is not empty says so (POSIX, "Environment Variables").
        static func hasUTF8(_ variables: [String?]) -> Bool {
            let name = (variables.compactMap(\.self).first { !$0.isEmpty } ?? "").lowercased()
            return name.holds("utf-8") || name.holds("utf8")
        }
    }

    init() {}

    init(width: Int?, isASCII: Bool, colour: Colour, terminal: Terminal) {
        if let width {
            self.width = width
        } else if terminal.columns > 0 {
            self.width = min(max(terminal.columns, Self.terminalWidths.lowerBound), Self.terminalWidths.upperBound)
        }
        self.isASCII = isASCII
        self.drawsBlocks = terminal.isThere && terminal.hasUTF8 && !isASCII
        self.isColoured = colour.isWanted(onTerminal: terminal.isThere, noColor: terminal.noColor)
    }

    /// Columns beyond the 80 that every layout is made for; negative in a narrower page.
    var extra: Int { self.width - 80 }

    /// How wide a column of texts is: what it has in 80 columns, with what this page has more or less; no wider than its
    /// longest text needs, but for those 80 columns.
    func column(_ usual: Int, for texts: [String]) -> Int {
        let longest = texts.reduce(0) { max($0, $1.unicodeScalars.count) }
        return min(usual + self.extra, max(usual, longest))
    }

    /// A bar of so many cells.
    func bar(_ cells: Int) -> String { String(repeating: self.drawsBlocks ? "\u{2588}" : "#", count: max(0, cells)) }

    /// A line without blanks at its end, cut to the width.
    func line(_ text: String) -> String {
        var bytes = Array(text.utf8)
        while bytes.last == ASCII.space { bytes.removeLast() }
        let line = String(decoding: bytes, as: UTF8.self)
        return NumberText.left(line, min(self.width, line.unicodeScalars.count))
    }

    /// The line with the severity that it begins with in its colour.
    func painted(_ line: String, _ severity: Diagnosis.Severity) -> String {
        guard self.isColoured, let colour = Self.colour(severity) else { return line }
        let blanks = line.prefix { $0 == " " }
        guard line.dropFirst(blanks.count).hasPrefix(severity.name) else { return line }
        return
            "\(blanks)\u{1B}[\(colour)m\(severity.name)\u{1B}[0m\(line.dropFirst(blanks.count + severity.name.count))"
    }

    /// The colour as a terminal's parameter (ECMA-48 §8.3.117); `nil` where the word stays as it is.
    private static func colour(_ severity: Diagnosis.Severity) -> String? {
        switch severity {
        case .critical: "1;31"
        case .error: "31"
        case .warning: "33"
        case .notice, .info: nil
        }
    }

    /// A finished page in the characters that are wanted.
    func encoded(_ page: String) -> String {
        guard self.isASCII, !page.utf8.allSatisfy({ $0 < 0x80 }) else { return page }
        return String(
            String.UnicodeScalarView(page.unicodeScalars.map { $0.isASCII ? $0 : Unicode.Scalar(0x3F as UInt8) }))
    }
}
