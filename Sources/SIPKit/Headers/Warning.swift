/// One Warning value: code, agent, text (RFC 3261 §20.43).
///
/// SER puts what it knows of a request behind code 392 (`Noisy feedback tells: …`), which is how a trace shows the
/// address of each hop.
public struct Warning: Sendable, Equatable {
    public var code: Int
    /// Host and port, or a pseudonym, as it was written.
    public var agent: [UInt8]
    /// The text without its quotes, escapes undone.
    public var text: [UInt8]

    public init(code: Int, agent: [UInt8], text: [UInt8]) {
        self.code = code
        self.agent = agent
        self.text = text
    }

    /// Reads one value and stops behind it (behind the comma, where one follows). A missing text is read as empty.
    ///
    /// - Throws: ``ParseError`` "Warning".
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        cursor.skipLWS()
        guard let code = cursor.takeNumber(limit: 999), cursor.peek.map(ASCII.isLWS) ?? false else {
            throw ParseError(
                .malformed, "Warning", expected: "a code of three digits", found: cursor.rest, at: cursor.offset)
        }
        cursor.skipLWS()
        let agent = cursor.take { !ASCII.isLWS($0) && $0 != ASCII.quote && $0 != ASCII.comma }
        guard !agent.isEmpty else {
            throw ParseError(.malformed, "Warning", expected: "an agent", found: cursor.rest, at: cursor.offset)
        }
        cursor.skipLWS()
        self.code = Int(code)
        self.agent = cursor.copy(agent)
        self.text = []
        if cursor.peek == ASCII.quote {
            guard let quoted = cursor.takeQuoted() else {
                throw ParseError(
                    .malformed, "Warning", expected: "a closing quote", found: cursor.rest, at: cursor.offset)
            }
            self.text = QuotedString.unescape(cursor.bytes, quoted)
        }
        cursor.skipLWS()
        guard cursor.isAtEnd || cursor.skip(ASCII.comma) else {
            throw ParseError(.malformed, "Warning", expected: "`,` or the end", found: cursor.rest, at: cursor.offset)
        }
    }

    public func write(to output: inout ByteWriter) {
        output.write(number: self.code)
        output.write(byte: ASCII.space)
        output.write(self.agent)
        output.write(byte: ASCII.space)
        QuotedString.write(self.text, to: &output)
    }
}
