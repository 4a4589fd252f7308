/// When a request was sent, by the sender's own clock, and how long the answer took (RFC 3261 §20.38).
///
/// Digits are kept as they were written: the answer has to repeat them, and no floating point does that.
public struct Timestamp: HeaderValue {
    /// `54` or `54.3`.
    public var value: [UInt8]
    /// Seconds between request and answer, in the same form; empty where there is none.
    public var delay: [UInt8]

    public init(_ value: String, delay: String = "") {
        self.value = Array(value.utf8)
        self.delay = Array(delay.utf8)
    }

    /// - Throws: ``ParseError`` "Timestamp".
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        cursor.skipLWS()
        guard let value = Self.takeDecimal(&cursor) else {
            throw ParseError(.malformed, "Timestamp", expected: "digits", found: cursor.rest, at: cursor.offset)
        }
        self.value = cursor.copy(value)
        self.delay = []
        let hasBlank = cursor.peek.map(ASCII.isLWS) ?? false
        cursor.skipLWS()
        if hasBlank, !cursor.isAtEnd {
            guard let delay = Self.takeDecimal(&cursor) else {
                throw ParseError(.malformed, "Timestamp", expected: "a delay", found: cursor.rest, at: cursor.offset)
            }
            self.delay = cursor.copy(delay)
        }
        try cursor.endHeader(of: "Timestamp")
    }

    public func write(to output: inout ByteWriter) {
        output.write(self.value)
        if !self.delay.isEmpty {
            output.write(byte: ASCII.space)
            output.write(self.delay)
        }
    }

    /// Digits, a dot, digits; a digit must be there before or behind it.
    private static func takeDecimal(_ cursor: inout ByteCursor) -> ByteRange? {
        let start = cursor.offset
        let whole = cursor.take(while: ASCII.isDigit)
        if cursor.skip(ASCII.dot) {
            let decimals = cursor.take(while: ASCII.isDigit)
            if whole.isEmpty, decimals.isEmpty { return nil }
        } else if whole.isEmpty {
            return nil
        }
        return ByteRange(start, cursor.offset)
    }
}
