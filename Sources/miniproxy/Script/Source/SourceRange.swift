/// A stretch of a script: which file, and from which byte up to which.
struct SourceRange: Hashable, Sendable {
    /// Index in `SourceMap.files`; 0 is the file that was named, others were included.
    var file: Int32
    var lower: Int32
    var upper: Int32

    init(file: Int, _ lower: Int, _ upper: Int) {
        self.file = Int32(clamping: file)
        self.lower = Int32(clamping: lower)
        self.upper = Int32(clamping: upper)
    }

    var start: Int { Int(self.lower) }
    var end: Int { Int(self.upper) }

    /// The place right behind, where something is missing.
    var after: SourceRange { SourceRange(file: Int(self.file), self.end, self.end) }
    /// The place of the first byte.
    var before: SourceRange { SourceRange(file: Int(self.file), self.start, self.start) }

    /// From the beginning of this to the end of the other.
    func through(_ other: SourceRange) -> SourceRange {
        self.file == other.file ? SourceRange(file: Int(self.file), self.start, max(self.end, other.end)) : self
    }
}

/// File, line and column as people read them, both from 1, the column in characters.
struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
    var file: String
    var line: Int
    var column: Int

    var description: String { "\(self.file):\(self.line):\(self.column)" }
}

/// All files of a script.
struct SourceMap: Sendable {
    var files: [SourceText] = []

    mutating func add(_ text: SourceText) -> Int {
        self.files.append(text)
        return self.files.count - 1
    }

    func location(of range: SourceRange) -> SourceLocation {
        guard self.files.indices.contains(Int(range.file)) else { return SourceLocation(file: "", line: 0, column: 0) }
        let file = self.files[Int(range.file)]
        let position = file.position(of: range.start)
        return SourceLocation(file: file.name, line: position.line, column: position.column)
    }

    func text(_ range: SourceRange) -> String {
        self.files.indices.contains(Int(range.file)) ? self.files[Int(range.file)].text(range) : ""
    }

    /// `12:9`, for a message that mentions a second place of the same file.
    func place(_ range: SourceRange) -> String {
        let location = self.location(of: range)
        return "\(location.line):\(location.column)"
    }
}
