/// Header values as types, read when asked for.
extension SIPMessage {
    /// The first value of a header, or `nil` where the header is missing.
    public func value<Value: HeaderValue>(_ id: HeaderID, as type: Value.Type) throws(ParseError) -> Value? {
        guard let range = self.first(id) else { return nil }
        var cursor = ByteCursor(self.bytes.span, range)
        return try Value(parsing: &cursor)
    }

    /// Every value of every line of a header, in order.
    public func values<Value: HeaderValue>(_ id: HeaderID, as type: Value.Type) throws(ParseError) -> [Value] {
        var all: [Value] = []
        for range in self.values(id) {
            var cursor = ByteCursor(self.bytes.span, range)
            cursor.skipLWS()
            while !cursor.isAtEnd {
                all.append(try Value(parsing: &cursor))
                cursor.skipLWS()
            }
        }
        return all
    }

    /// All tokens of all lines of a header, as one list.
    public func tokens(_ id: HeaderID) throws(ParseError) -> TokenList {
        var all = TokenList()
        for range in self.values(id) {
            var cursor = ByteCursor(self.bytes.span, range)
            all.tokens += try TokenList(parsing: &cursor).tokens
        }
        return all
    }
}
