/// The parts of a multipart body, as coordinates in the message (RFC 2046 §5.1, RFC 5621).
///
/// Parts inside parts are found too, up to a depth; the list is flat, outermost first, each followed by what it holds.
public struct MultipartBody: Sendable, Equatable {
    public struct Part: Sendable, Equatable {
        /// The header lines of the part; may be empty.
        public var headers: ByteRange
        /// The content, without the line end that belongs to the boundary.
        public var body: ByteRange
        /// 0 for a part of the message's own body.
        public var depth: Int
        /// Where the value of Content-Type stands; empty where there is none, which means text/plain.
        public var contentType: ByteRange
        public var contentDisposition: ByteRange
    }

    /// Parts within parts: 0 are those of the message itself.
    public static let maxDepth = 4
    public static let maxParts = 256

    public private(set) var parts: [Part] = []

    /// Finds the parts of `body`, whose type is multipart.
    ///
    /// - Throws: ``ParseError`` "multipart": `.missing` without a boundary, `.malformed` where the boundary does not
    ///   occur, `.tooLarge` over the limits of depth and number.
    public init(parsing bytes: Span<UInt8>, _ body: ByteRange, type: MediaType) throws(ParseError) {
        try self.add(bytes, body, type, depth: 0)
    }

    private mutating func add(_ bytes: Span<UInt8>, _ body: ByteRange, _ type: MediaType, depth: Int) throws(ParseError)
    {
        guard let boundary = type.boundary, boundary.count <= 70 else {
            throw ParseError(
                type.boundary == nil ? .missing : .tooLarge, "multipart", expected: "a boundary of 1 to 70 bytes")
        }
        guard depth < Self.maxDepth else {
            throw ParseError(.tooLarge, "multipart", expected: "at most \(Self.maxDepth) levels", at: body.start)
        }
        var delimiters = DelimiterLines(bytes, body, boundary)
        guard var open = delimiters.next() else {
            throw ParseError(.malformed, "multipart", expected: "its boundary", at: body.start)
        }
        while !open.isClosing {
            let next = delimiters.next()
            // A last part without its closing line reaches to the end, as peers send it.
            let contentEnd = next?.contentEnd ?? Swift.min(body.end, bytes.count)
            // Two delimiters with nothing between them share a line end.
            let content = ByteRange(open.lineEnd, Swift.max(open.lineEnd, contentEnd))
            guard self.parts.count < Self.maxParts else {
                throw ParseError(.tooLarge, "multipart", expected: "at most \(Self.maxParts) parts", at: content.start)
            }
            let part = Self.part(bytes, content, depth)
            self.parts.append(part)
            if let inner = Self.multipartType(bytes, part.contentType) {
                try self.add(bytes, part.body, inner, depth: depth + 1)
            }
            guard let next else { return }
            open = next
        }
    }

    private static func multipartType(_ bytes: Span<UInt8>, _ value: ByteRange) -> MediaType? {
        guard value.count > 9, bytes.equalsIgnoringCase(ByteRange(value.start, value.start + 9), "multipart") else {
            return nil
        }
        var cursor = ByteCursor(bytes, value)
        return (try? MediaType(parsing: &cursor)).flatMap { $0.boundary == nil ? nil : $0 }
    }

    private static func part(_ bytes: Span<UInt8>, _ content: ByteRange, _ depth: Int) -> Part {
        var part = Part(headers: .none, body: content, depth: depth, contentType: .none, contentDisposition: .none)
        var at = content.start
        while at < content.end {
            var lineEnd = Swift.min(MessageIndex.endOfLine(bytes, from: at), content.end)
            let textEnd = bytes.endWithoutBlanks(from: at, to: lineEnd)
            if textEnd == at { break }
            while lineEnd + 1 < content.end, ASCII.isBlank(bytes[lineEnd + 1]) {
                lineEnd = Swift.min(MessageIndex.endOfLine(bytes, from: lineEnd + 1), content.end)
            }
            var cursor = ByteCursor(bytes, ByteRange(at, lineEnd))
            let name = cursor.takeToken()
            cursor.skipLWS()
            if cursor.skip(ASCII.colon) {
                cursor.skipLWS()
                let value = cursor.takeRest()
                if bytes.equalsIgnoringCase(name, "content-type") { part.contentType = value }
                if bytes.equalsIgnoringCase(name, "content-disposition") { part.contentDisposition = value }
            }
            at = Swift.min(lineEnd + 1, content.end)
        }
        part.headers = ByteRange(content.start, at)
        part.body = ByteRange(Swift.min(MessageIndex.endOfLine(bytes, from: at) + 1, content.end), content.end)
        return part
    }

    /// The first part of this type, at any depth.
    public func first(_ type: String, _ subtype: String, in bytes: Span<UInt8>) -> Part? {
        for part in self.parts {
            var cursor = ByteCursor(bytes, part.contentType)
            if let found = try? MediaType(parsing: &cursor), found.matches(type, subtype) { return part }
        }
        return nil
    }
}

/// Finds the lines that begin with `--boundary`.
private struct DelimiterLines: ~Escapable {
    struct Line {
        /// Where the content before the line ends: its last line end belongs to the delimiter.
        var contentEnd: Int
        /// Behind the line's own line end.
        var lineEnd: Int
        var isClosing: Bool
    }

    let bytes: Span<UInt8>
    let start: Int
    let end: Int
    let boundary: [UInt8]
    var at: Int

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, _ body: ByteRange, _ boundary: [UInt8]) {
        self.bytes = bytes
        self.start = body.start
        self.end = Swift.min(body.end, bytes.count)
        self.at = body.start
        self.boundary = boundary
    }

    @_lifetime(self: copy self)
    mutating func next() -> Line? {
        while self.at < self.end {
            let lineStart = self.at
            let lineEnd = Swift.min(MessageIndex.endOfLine(self.bytes, from: lineStart), self.end)
            self.at = Swift.min(lineEnd + 1, self.end)
            guard let isClosing = self.delimiter(lineStart, lineEnd) else { continue }
            var contentEnd = lineStart
            if contentEnd > self.start, self.bytes[contentEnd - 1] == ASCII.lf { contentEnd -= 1 }
            if contentEnd > self.start, self.bytes[contentEnd - 1] == ASCII.cr { contentEnd -= 1 }
            return Line(contentEnd: contentEnd, lineEnd: self.at, isClosing: isClosing)
        }
        return nil
    }

    /// Whether the line is a delimiter, and then whether it is the last; `nil` for any other line.
    private func delimiter(_ lineStart: Int, _ lineEnd: Int) -> Bool? {
        let textEnd = self.bytes.endWithoutBlanks(from: lineStart, to: lineEnd)
        let count = textEnd - lineStart
        guard count == self.boundary.count + 2 || count == self.boundary.count + 4,
            self.bytes[lineStart] == ASCII.minus,
            self.bytes[lineStart + 1] == ASCII.minus
        else { return nil }
        for place in 0..<self.boundary.count where self.bytes[lineStart + 2 + place] != self.boundary[place] {
            return nil
        }
        if count == self.boundary.count + 2 { return false }
        return self.bytes[textEnd - 1] == ASCII.minus && self.bytes[textEnd - 2] == ASCII.minus ? true : nil
    }
}

extension SIPMessage {
    /// The body, or the part of a multipart body, that has this type; `nil` where there is none.
    public func body(_ type: String, _ subtype: String) -> ByteRange? {
        guard !self.body.isEmpty, let own = try? self.value(.contentType, as: MediaType.self) else { return nil }
        if own.matches(type, subtype) { return self.body }
        guard own.type.equalsIgnoringCase(Array("multipart".utf8)),
            let multipart = try? MultipartBody(parsing: self.bytes.span, self.body, type: own)
        else { return nil }
        return multipart.first(type, subtype, in: self.bytes.span)?.body
    }
}
