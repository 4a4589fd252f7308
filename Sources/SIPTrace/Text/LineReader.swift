internal import SIPKit

/// Text line by line, with bounded memory, and the one way in which all formats cut a message out of lines.
struct LineReader: ~Copyable {
    private var window: TextWindow

    init(_ source: TextSource) { self.window = TextWindow(source) }

    var bytes: Span<UInt8> {
        @_lifetime(borrow self) get { self.window.bytes.span }
    }

    /// Asks the source again after its end.
    mutating func goOn() { self.window.goOn() }

    /// The line at hand without its LF; `nil` at the end of the input. A line that is longer than the window's limit
    /// is handed out in pieces.
    mutating func line() -> ByteRange? {
        self.window.prepare()
        guard self.window.count > 0 else { return nil }
        while true {
            let end = self.window.lineEnd(from: self.window.start)
            if end < self.window.end || self.window.atEnd { return ByteRange(self.window.start, end) }
            guard self.window.grow() else { return ByteRange(self.window.start, self.window.end) }
        }
    }

    /// Goes behind the line that ``line()`` gave.
    mutating func skip(_ line: ByteRange) { self.window.advance(to: line.end + 1) }

    /// How a format's lines differ from a message's.
    struct Shape {
        /// Where a line's own text begins: behind a date or an indentation.
        var textStart: (Span<UInt8>, ByteRange) -> Int = { _, line in line.start }
        /// Whether the line ends the block, or begins another.
        var isEnd: (Span<UInt8>, ByteRange) -> Bool
    }

    /// Takes the message whose first line is at hand.
    ///
    /// The headers go up to the empty line; the body is as long as Content-Length says, provided that the block ends
    /// there too, so that what somebody wrote into a body ends nothing. Else it goes up to the line that ends the block.
    /// Line ends become CRLF where the log has LF alone.
    mutating func message(_ shape: Shape) -> [UInt8] {
        var output: [UInt8] = []
        var length: Int? = nil
        var bodyStart: Int? = nil
        while let line = self.line() {
            if bodyStart == nil || length == nil || output.count >= (bodyStart ?? 0) + (length ?? 0) {
                if shape.isEnd(self.bytes, line) { break }
            } else if output.count > (bodyStart ?? 0), shape.isEnd(self.bytes, line),
                !self.bodyFits(shape, missing: (bodyStart ?? 0) + (length ?? 0) - output.count)
            {
                break
            }
            let start = max(line.start, min(shape.textStart(self.bytes, line), line.end))
            var end = line.end
            if end > start, self.bytes[end - 1] == ASCII.cr { end -= 1 }
            if bodyStart == nil {
                if output.isEmpty, start == end {
                    // An empty line in front of the message.
                    self.skip(line)
                    continue
                }
                if let value = Self.contentLength(self.bytes, ByteRange(start, end)) { length = value }
            }
            let isEmpty = start == end
            self.append(start, end, &output)
            self.skip(line)
            if bodyStart == nil, isEmpty { bodyStart = output.count }
            if output.count > TextWindow.maxBlock { break }
        }
        Self.trim(&output, bodyStart, length)
        return output
    }

    private func append(_ start: Int, _ end: Int, _ output: inout [UInt8]) {
        self.window.bytes.withUnsafeBufferPointer { output.append(contentsOf: $0[start..<end]) }
        output.append(ASCII.cr)
        output.append(ASCII.lf)
    }

    /// Whether the rest of a body is there and the block ends behind it: then a sign of an end inside is the body's own.
    private mutating func bodyFits(_ shape: Shape, missing: Int) -> Bool {
        guard missing < TextWindow.maxBlock / 2 else { return false }
        var left = missing
        var at = self.window.start
        while left > 0 {
            let offset = at - self.window.start
            var end = self.window.lineEnd(from: at)
            while end == self.window.end, !self.window.atEnd {
                guard self.window.grow() else { return false }
                at = self.window.start + offset
                end = self.window.lineEnd(from: at)
            }
            guard at < self.window.end else { return false }
            let line = ByteRange(at, end)
            let start = max(at, min(shape.textStart(self.bytes, line), end))
            let hasCR = end > start && self.bytes[end - 1] == ASCII.cr
            left -= end - start - (hasCR ? 1 : 0) + 2
            at = end + 1
        }
        // The last line may lack its line end in the message, and has one in the log.
        guard left >= -2 else { return false }
        for _ in 0..<4 {
            guard at < self.window.end else { return true }
            let line = ByteRange(at, self.window.lineEnd(from: at))
            if shape.isEnd(self.bytes, line) { return true }
            guard MessageText.trimmed(self.bytes, from: line.start, to: line.end) == line.start else { return false }
            at = line.end + 1
        }
        return false
    }

    /// Takes away what a log adds behind a message: empty lines, and the line end of its last line.
    private static func trim(_ output: inout [UInt8], _ bodyStart: Int?, _ length: Int?) {
        guard let bodyStart else {
            if !output.isEmpty { output += [ASCII.cr, ASCII.lf] }
            return
        }
        if let length {
            let excess = output.count - bodyStart - length
            if excess > 0, output[(bodyStart + length)...].allSatisfy(ASCII.isLWS) { output.removeLast(excess) }
        } else {
            while output.count > bodyStart, let last = output.last, ASCII.isLWS(last) { output.removeLast() }
            if output.count > bodyStart { output += [ASCII.cr, ASCII.lf] }
        }
    }

    /// The number of a Content-Length line.
    static func contentLength(_ bytes: Span<UInt8>, _ line: ByteRange) -> Int? {
        guard line.count >= 2, bytes[line.start] | 0x20 == 0x63 || bytes[line.start] | 0x20 == 0x6C else { return nil }
        var cursor = ByteCursor(bytes, line)
        let name = cursor.takeToken()
        guard
            bytes.equalsIgnoringCase(name, "content-length") || name.count == 1 && bytes[name.start] | 0x20 == 0x6C
        else { return nil }
        cursor.skipLWS()
        guard cursor.skip(ASCII.colon) else { return nil }
        cursor.skipLWS()
        return cursor.takeNumber(limit: 1 << 24).map { Int($0) }
    }
}
