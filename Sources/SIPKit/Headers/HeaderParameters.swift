import CBytes

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
    /// A value without quotes: up to a semicolon, a comma, a quote, a blank or a line end.
    @inline(__always)
    @_lifetime(self: copy self)
    private mutating func takePlainValue() -> ByteRange {
        let start = self.offset
        self.offset = self.bytes.firstPlace(in: ByteRange(start, self.end)) { cbytes_value_end($0) }
        return ByteRange(start, self.offset)
    }

    /// The quick way for a parameter that stands next exactly as `word` has it, with its semicolon and its equals sign
    /// (`;tag=`) in the lowest `count` bytes, and has a plain value of at least one byte.
    ///
    /// - Returns: the value; `nil` where something else stands next, and then the cursor has not moved: ``nextParameter()``
    ///   reads all spellings.
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func takeUsualParameter(_ word: UInt64, _ count: Int) -> ByteRange? {
        guard self.offset &+ 9 <= self.end,
            (self.bytes.word(at: self.offset) ^ word) &<< UInt64(64 &- count &* 8) == 0
        else { return nil }
        let first = self.bytes[unchecked: self.offset &+ count]
        guard first > ASCII.quote, first != ASCII.comma, first != ASCII.semicolon else { return nil }
        self.offset &+= count
        return self.takePlainValue()
    }

    /// The next `;name[=value]`, or `nil` where none follows; the cursor stands behind it then.
    ///
    /// - Throws: ``ParseError`` "parameter", `.malformed`, for a quoted value without an end.
    @_lifetime(self: copy self)
    public mutating func nextParameter() throws(ParseError) -> HeaderParameter? {
        // The end of the value, where nearly every list of parameters ends.
        guard self.offset < self.end else { return nil }
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
                value = self.takePlainValue()
            }
            return HeaderParameter(name: name, value: value, hasValue: true, whole: ByteRange(start, self.offset))
        }
    }
}
