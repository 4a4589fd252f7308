/// A list of tokens with commas between them: Allow, Supported, Require, Proxy-Require, Unsupported, Allow-Events,
/// Accept-Encoding without parameters, Recv-Info, Privacy-like lists (RFC 3261 §20.5, §20.32 …).
///
/// One value is all tokens of a line; an empty list is a list (`Supported:` says "nothing").
public struct TokenList: HeaderValue {
    public var tokens: [[UInt8]]

    public init(_ tokens: [String] = []) { self.tokens = tokens.map { Array($0.utf8) } }

    /// Reads to the end of the line. Commas that nothing stands between are passed over.
    ///
    /// - Throws: ``ParseError`` "token list", `.malformed`.
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        self.tokens = []
        while true {
            cursor.skipLWS()
            if cursor.skip(ASCII.comma) { continue }
            if cursor.isAtEnd { return }
            let token = cursor.takeToken()
            let after = cursor.offset
            cursor.skipLWS()
            guard !token.isEmpty, cursor.isAtEnd || cursor.peek == ASCII.comma else {
                throw ParseError(.malformed, "token list", expected: "a token", found: cursor.rest, at: after)
            }
            self.tokens.append(cursor.copy(token))
        }
    }

    public func write(to output: inout ByteWriter) {
        for (place, token) in self.tokens.enumerated() {
            if place > 0 { output.write(", " as StaticString) }
            output.write(token)
        }
    }

    /// Whether an option tag or event is in the list, in either case.
    public func contains(_ token: String) -> Bool {
        let wanted = Array(token.utf8)
        return self.tokens.contains { $0.equalsIgnoringCase(wanted) }
    }

    /// Whether a method is in the list: methods differ by case.
    public func contains(method: SIPMethod) -> Bool {
        self.tokens.contains { SIPMethod(parsing: $0.span, ByteRange(0, $0.count)) == method }
    }
}
