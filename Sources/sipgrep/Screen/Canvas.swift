import SIPKit

/// A screen in memory: rows of cells, each a character and how it looks. Views draw into it; a terminal or a test shows it.
struct Canvas {
    enum Color: UInt8, Sendable, CaseIterable { case plain, blue, green, yellow, red, cyan, magenta }

    struct Style: Equatable, Sendable {
        var color = Color.plain
        var isBold = false
        var isReversed = false
        var isDim = false

        static let plain = Style()
        static let bold = Style(isBold: true)
        static let reversed = Style(isReversed: true)
        static let dim = Style(isDim: true)
        static func color(_ color: Color) -> Style { Style(color: color) }
    }

    struct Cell: Equatable, Sendable {
        var scalar: Unicode.Scalar = " "
        var style = Style.plain
    }

    /// No window is larger; a broken one may claim anything.
    static let largest = 1000

    let width: Int
    let height: Int
    private(set) var cells: [Cell]

    init(width: Int, height: Int) {
        self.width = Swift.min(Swift.max(width, 1), Self.largest)
        self.height = Swift.min(Swift.max(height, 1), Self.largest)
        self.cells = [Cell](repeating: Cell(), count: self.width * self.height)
    }

    /// Writes a text, cut at the right edge or after `limit` columns. What could move the cursor or takes no or two columns
    /// becomes a dot.
    mutating func put(_ row: Int, _ column: Int, _ text: String, _ style: Style = .plain, limit: Int = .max) {
        guard row >= 0, row < self.height, column < self.width, limit > 0 else { return }
        var at = column
        let end = limit < self.width - column ? column + limit : self.width
        for scalar in text.unicodeScalars {
            guard at < end else { return }
            if at >= 0 { self.cells[row * self.width + at] = Cell(scalar: Self.harmless(scalar), style: style) }
            at += 1
        }
    }

    /// A text in a field of a width, the rest of the field in the same style.
    mutating func field(_ row: Int, _ column: Int, _ width: Int, _ text: String, _ style: Style = .plain) {
        guard width > 0 else { return }
        self.fill(row, column, width, style)
        self.put(row, column, text, style, limit: width)
    }

    mutating func fill(_ row: Int, _ column: Int, _ count: Int, _ style: Style, _ scalar: Unicode.Scalar = " ") {
        guard row >= 0, row < self.height else { return }
        let end = Swift.min(column + Swift.min(count, Self.largest), self.width)
        var at = Swift.max(0, column)
        while at < end {
            self.cells[row * self.width + at] = Cell(scalar: scalar, style: style)
            at += 1
        }
    }

    /// A frame with an empty inside.
    mutating func box(_ row: Int, _ column: Int, height: Int, width: Int, title: String) {
        for line in 0..<Swift.max(height, 2) {
            let isEdge = line == 0 || line == height - 1
            self.fill(row + line, column, width, .plain, isEdge ? "-" : " ")
            self.put(row + line, column, isEdge ? "+" : "|")
            self.put(row + line, column + width - 1, isEdge ? "+" : "|")
        }
        self.put(row, column + 2, " \(title) ", .bold, limit: width - 4)
    }

    /// ASCII, and letters of scripts whose letters take one column.
    private static func harmless(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0x20...0x7E, 0xA1...0xAC, 0xAE...0x2FF, 0x370...0x3FF, 0x400...0x482, 0x48A...0x52F: scalar
        default: "."
        }
    }

    subscript(row: Int, column: Int) -> Cell { self.cells[row * self.width + column] }

    /// The rows as text, without blanks at their ends.
    var lines: [String] {
        (0..<self.height).map { row in
            var text = String.UnicodeScalarView()
            for column in 0..<self.width { text.append(self[row, column].scalar) }
            while text.last == " " { text.removeLast() }
            return String(text)
        }
    }
}
