/// When to try again, for how long the peer will be there then, and why (RFC 3261 §20.33).
public struct RetryAfter: HeaderValue {
    public var seconds: UInt32
    /// The comment without its parentheses, escapes undone; empty where there is none.
    public var comment: [UInt8]
    public var parameters: ParameterList

    public init(_ seconds: UInt32) {
        self.seconds = seconds
        self.comment = []
        self.parameters = ParameterList()
    }

    /// - Throws: ``ParseError`` "Retry-After".
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        self.seconds = UInt32(truncatingIfNeeded: try cursor.requireNumber(of: "Retry-After"))
        cursor.skipLWS()
        self.comment = []
        if cursor.peek == ASCII.openParen {
            guard let comment = cursor.takeComment() else {
                throw ParseError(.malformed, "Retry-After", expected: "`)`", found: cursor.rest, at: cursor.offset)
            }
            self.comment = Comment.unescape(cursor.bytes, comment)
        }
        self.parameters = try ParameterList(parsing: &cursor)
        try cursor.endHeader(of: "Retry-After")
    }

    public func write(to output: inout ByteWriter) {
        output.write(number: self.seconds)
        if !self.comment.isEmpty {
            output.write(byte: ASCII.space)
            Comment.write(self.comment, to: &output)
        }
        self.parameters.write(to: &output)
    }

    public var duration: UInt32? { self.parameters.number("duration").map { UInt32(truncatingIfNeeded: $0) } }
}
