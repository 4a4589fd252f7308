/// What is wrong with a call processing script, and where: it is told to whoever uploads it.
struct CPLError: Error, Equatable, CustomStringConvertible {
    /// From 1; 0 where the place is not known.
    var line: Int
    var column: Int
    var message: String

    init(_ message: String, line: Int, column: Int) {
        self.message = message
        self.line = line
        self.column = column
    }

    init(_ message: String, at element: XMLElement) {
        self.init(message, line: element.line, column: element.column)
    }

    var description: String { self.line > 0 ? "\(self.line):\(self.column): \(self.message)" : self.message }
}
