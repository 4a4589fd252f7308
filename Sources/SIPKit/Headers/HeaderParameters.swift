/// `;name=value` behind a header value (RFC 3261 §25.1 `generic-param`): blanks around `;` and `=`, quoted values.
public struct HeaderParameter: Sendable, Equatable {
    public var name: ByteRange
    /// With its quotes where it has them; empty where there is no value.
    public var value: ByteRange
    /// Whether an `=` was written.
    public var hasValue: Bool
    /// From the semicolon to behind the value: what is removed with the parameter.
    public var whole: ByteRange
}

extension ByteCursor {
    /// The next `;name[=value]`, or `nil` where none follows; the cursor stands behind it then.
    ///
    /// - Throws: ``ParseError`` "parameter", `.malformed`, for a quoted value without an end.
    @_lifetime(self: copy self)
    public mutating func nextParameter() throws(ParseError) -> HeaderParameter? {
        while true {
            let before = self.offset
            self.skipLWS()
            let start = self.offset
            guard self.skip(ASCII.semicolon) else {
                self.offset = before
                return nil
            }
            self.skipLWS()
            let name = self.takeToken()
            if name.isEmpty {
                // `;;` and a semicolon at the end are passed over, as all peers do.
                if self.peek == nil || self.peek == ASCII.semicolon || self.peek == ASCII.comma { continue }
                throw ParseError(.malformed, "parameter", expected: "a name", found: self.rest, at: self.offset)
            }
            let afterName = self.offset
            self.skipLWS()
            guard self.skip(ASCII.equals) else {
                self.offset = afterName
                return HeaderParameter(name: name, value: .none, hasValue: false, whole: ByteRange(start, afterName))
            }
            self.skipLWS()
            let value: ByteRange
            if self.peek == ASCII.quote {
                guard let quoted = self.takeQuoted() else {
                    throw ParseError(
                        .malformed, "parameter", expected: "a closing quote", found: self.rest, at: self.offset)
                }
                value = quoted
            } else {
                value = self.take { byte in
                    byte != ASCII.semicolon && byte != ASCII.comma && !ASCII.isLWS(byte) && byte != ASCII.quote
                }
            }
            return HeaderParameter(name: name, value: value, hasValue: true, whole: ByteRange(start, self.offset))
        }
    }
}
