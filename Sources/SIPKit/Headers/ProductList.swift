/// What software a peer says it is: User-Agent and Server, products and comments in their order (RFC 3261 §20.35, §20.41).
public struct ProductList: HeaderValue {
    public enum Item: Sendable, Equatable {
        /// `Name/version`; the version is `nil` where none was written.
        case product([UInt8], version: [UInt8]?)
        /// Without the outer parentheses, escapes undone.
        case comment([UInt8])
        /// A word that is no token, which many peers send (`Cisco-SIPGateway/IOS-12.x` is one, `Öffner@home` is not).
        case other([UInt8])
    }

    public var items: [Item]

    public init(_ items: [Item]) { self.items = items }

    /// Reads to the end of the line; whatever stands there is an item of one kind or another.
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        self.items = []
        cursor.skipLWS()
        while !cursor.isAtEnd {
            if let comment = cursor.takeComment() {
                self.items.append(.comment(Comment.unescape(cursor.bytes, comment)))
            } else {
                self.items.append(Self.word(cursor.copy(cursor.take { !ASCII.isLWS($0) })))
            }
            cursor.skipLWS()
        }
    }

    private static func word(_ word: [UInt8]) -> Item {
        let parts = word.split(separator: ASCII.slash, maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty, name.allSatisfy(ASCII.isToken) else { return .other(word) }
        if parts.count == 1 { return .product(Array(name), version: nil) }
        guard !parts[1].isEmpty, parts[1].allSatisfy(ASCII.isToken) else { return .other(word) }
        return .product(Array(name), version: Array(parts[1]))
    }

    public func write(to output: inout ByteWriter) {
        for (place, item) in self.items.enumerated() {
            if place > 0 { output.write(byte: ASCII.space) }
            switch item {
            case .product(let name, let version):
                output.write(name)
                if let version {
                    output.write(byte: ASCII.slash)
                    output.write(version)
                }
            case .comment(let text): Comment.write(text, to: &output)
            case .other(let text): output.write(text)
            }
        }
    }
}
