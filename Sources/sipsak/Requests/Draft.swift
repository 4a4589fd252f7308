import SIPKit

/// A request before it is sent: lines in their order, each with its own line end, so that a file is sent as it stands.
struct Draft: Equatable, Sendable {
    /// `METHOD URI SIP/2.0` without its line end.
    private(set) var startLine: [UInt8]
    /// Header lines, folded ones in one piece, each with its line end.
    private(set) var lines: [[UInt8]]
    private var startLineEnd: [UInt8]
    /// The empty line; missing where a file has none.
    private var separator: [UInt8]
    var body: [UInt8]

    init(method: String, uri: String) {
        self.startLine = Array("\(method) \(uri) SIP/2.0".utf8)
        self.startLineEnd = [ASCII.cr, ASCII.lf]
        self.lines = []
        self.separator = [ASCII.cr, ASCII.lf]
        self.body = []
    }

    /// Takes a message apart that somebody wrote: nothing is refused, nothing is lost.
    init(text: [UInt8]) {
        self.startLine = []
        self.startLineEnd = []
        self.lines = []
        self.separator = []
        self.body = []
        var at = 0
        var isFirst = true
        while at < text.count {
            let end = text[at...].firstIndex(of: ASCII.lf).map { $0 + 1 } ?? text.count
            let line = Array(text[at..<end])
            at = end
            let content = Self.content(line)
            if isFirst {
                self.startLine = content
                self.startLineEnd = Array(line[content.count...])
                isFirst = false
            } else if content.isEmpty {
                self.separator = line
                self.body = Array(text[at...])
                return
            } else if ASCII.isBlank(content[0]), !self.lines.isEmpty {
                self.lines[self.lines.count - 1] += line
            } else {
                self.lines.append(line)
            }
        }
    }

    private static func content(_ line: [UInt8]) -> [UInt8] {
        var end = line.count
        while end > 0, line[end - 1] == ASCII.lf || line[end - 1] == ASCII.cr { end -= 1 }
        return Array(line[..<end])
    }

    // MARK: Start line

    var method: [UInt8] { Array(self.startLine.prefix { $0 != ASCII.space }) }

    var uri: [UInt8] {
        get {
            let parts = self.startLine.split(separator: ASCII.space, omittingEmptySubsequences: false)
            return parts.count >= 3 ? Array(parts[1..<(parts.count - 1)].joined(separator: [ASCII.space])) : []
        }
        set {
            let version = self.startLine.split(separator: ASCII.space).last.map { Array($0) } ?? Array("SIP/2.0".utf8)
            self.startLine = self.method + [ASCII.space] + newValue + [ASCII.space] + version
        }
    }

    // MARK: Headers

    mutating func append(_ name: String, _ value: String) { self.lines.append(Self.line(name, Array(value.utf8))) }

    /// Puts a line directly under the start line, where the original puts everything it adds.
    mutating func insertFirst(_ name: String, _ value: [UInt8]) { self.lines.insert(Self.line(name, value), at: 0) }

    /// Puts whole lines directly under the start line, in their order.
    mutating func insertFirst(lines: [[UInt8]]) { self.lines.insert(contentsOf: lines, at: 0) }

    private static func line(_ name: String, _ value: [UInt8]) -> [UInt8] {
        Array(name.utf8) + [ASCII.colon, ASCII.space] + value + [ASCII.cr, ASCII.lf]
    }

    /// The value of the first line with this header, without blanks around it.
    func value(_ id: HeaderID) -> [UInt8]? {
        guard let place = self.lines.firstIndex(where: { Self.id($0) == id }) else { return nil }
        return Self.value(self.lines[place])
    }

    func values(_ id: HeaderID) -> [[UInt8]] { self.lines.filter { Self.id($0) == id }.map(Self.value) }

    /// Changes the first line with this header; adds one at the end where there is none.
    mutating func set(_ id: HeaderID, _ value: String) {
        let line = Self.line("\(id.name)", Array(value.utf8))
        if let place = self.lines.firstIndex(where: { Self.id($0) == id }) {
            self.lines[place] = line
        } else {
            self.lines.append(line)
        }
    }

    /// Changes the first line with this header, known or not; adds one at the end where there is none.
    mutating func set(named name: String, _ value: String) {
        let wanted = Array(name.utf8)
        let id = HeaderID.recognize(wanted.span, ByteRange(0, wanted.count))
        if id != .other { return self.set(id, value) }
        let line = Self.line(name, Array(value.utf8))
        let place = self.lines.firstIndex { line in
            Array(line.prefix { $0 != ASCII.colon && !ASCII.isBlank($0) }).equalsIgnoringCase(wanted)
        }
        if let place { self.lines[place] = line } else { self.lines.append(line) }
    }

    /// Gives every header that has a compact form this form (RFC 3261 §7.3.3).
    mutating func shortenNames() {
        for index in self.lines.indices {
            guard let letter = Self.id(self.lines[index]).compactName,
                let colon = self.lines[index].firstIndex(of: ASCII.colon)
            else { continue }
            self.lines[index].replaceSubrange(..<colon, with: [letter])
        }
    }

    mutating func remove(_ id: HeaderID) { self.lines.removeAll { Self.id($0) == id } }

    private static func id(_ line: [UInt8]) -> HeaderID {
        guard let colon = line.firstIndex(of: ASCII.colon) else { return .other }
        var end = colon
        while end > 0, ASCII.isBlank(line[end - 1]) { end -= 1 }
        return HeaderID.recognize(line.span, ByteRange(0, end))
    }

    private static func value(_ line: [UInt8]) -> [UInt8] {
        guard let colon = line.firstIndex(of: ASCII.colon) else { return [] }
        var cursor = ByteCursor(line.span, ByteRange(colon + 1, line.count))
        cursor.skipLWS()
        let range = cursor.takeRest()
        return line.span.copy(range)
    }

    /// The number and method of CSeq; `nil` where the draft has none that can be read.
    var sequence: UInt32? {
        get {
            guard let value = self.value(.cSeq) else { return nil }
            var cursor = ByteCursor(value.span)
            return (try? CSeq(parsing: &cursor))?.number
        }
        set {
            guard let newValue else { return }
            self.set(.cSeq, "\(newValue) \(String(decoding: self.method, as: UTF8.self))")
        }
    }

    // MARK: Writing

    func bytes() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(self.startLine.count + self.body.count + self.lines.reduce(8) { $0 + $1.count })
        output += self.startLine
        output += self.startLineEnd
        for line in self.lines { output += line }
        output += self.separator
        output += self.body
        return output
    }
}
