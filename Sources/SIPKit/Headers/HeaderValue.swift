/// One value of a header field: read from bytes, written to bytes.
///
/// Where a header may hold several values with commas between them, `init(parsing:)` reads one and stops behind its
/// comma; where it may not, it reads to the end.
public protocol HeaderValue: Sendable, Equatable {
    /// Reads one value, without the header's name.
    init(parsing cursor: inout ByteCursor) throws(ParseError)
    func write(to output: inout ByteWriter)
}

extension HeaderValue {
    /// Reads a value that stands alone in `text`.
    public init(parsing text: String) throws(ParseError) {
        let bytes = Array(text.utf8)
        var cursor = ByteCursor(bytes.span)
        try self.init(parsing: &cursor)
        cursor.skipLWS()
        guard cursor.isAtEnd else {
            throw ParseError(.malformed, "\(Self.self)", expected: "one value", found: cursor.rest, at: cursor.offset)
        }
    }

    /// The value as it is written on the wire.
    public var text: String {
        var output = ByteWriter()
        self.write(to: &output)
        return output.string
    }
}

extension CSeq: HeaderValue {}
extension MaxForwards: HeaderValue {}
extension Warning: HeaderValue {}

extension ByteCursor {
    /// Ends a value of a list: passes the comma behind it, or stands at the end.
    @_lifetime(self: copy self)
    mutating func endValue(of element: String) throws(ParseError) {
        self.skipLWS()
        guard self.isAtEnd || self.skip(ASCII.comma) else {
            throw ParseError(.malformed, element, expected: "`,` or the end", found: self.rest, at: self.offset)
        }
    }

    /// Ends a value that stands alone in its header.
    @_lifetime(self: copy self)
    mutating func endHeader(of element: String) throws(ParseError) {
        self.skipLWS()
        guard self.isAtEnd else {
            throw ParseError(.malformed, element, expected: "the end", found: self.rest, at: self.offset)
        }
    }

    /// A token that must be there, copied.
    @_lifetime(self: copy self)
    mutating func requireToken(of element: String, _ expected: String = "a token") throws(ParseError) -> [UInt8] {
        self.skipLWS()
        let token = self.takeToken()
        guard !token.isEmpty else {
            throw ParseError(.malformed, element, expected: expected, found: self.rest, at: self.offset)
        }
        return self.copy(token)
    }

    /// A number that must be there.
    @_lifetime(self: copy self)
    mutating func requireNumber(of element: String, limit: UInt64 = UInt64(UInt32.max)) throws(ParseError) -> UInt64 {
        self.skipLWS()
        let start = self.offset
        let digits = self.take(while: ASCII.isDigit)
        guard let number = ASCII.number(self.bytes, digits, limit: limit) else {
            throw ParseError(
                digits.isEmpty ? .malformed : .outOfRange, element, expected: "a number up to \(limit)",
                found: self.copy(ByteRange(start, self.end)), at: start)
        }
        return number
    }
}
