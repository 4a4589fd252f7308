/// `;name=value` behind a header value, in their order, as a value that can be changed (RFC 3261 §25.1).
///
/// Values are kept as they were written, quotes included; names are found in either case.
public struct ParameterList: Sendable, Hashable {
    public struct Parameter: Sendable, Hashable {
        public var name: [UInt8]
        /// With its quotes where it has them; `nil` where no `=` was written.
        public var value: [UInt8]?

        public init(name: [UInt8], value: [UInt8]?) {
            self.name = name
            self.value = value
        }
    }

    public var items: [Parameter] = []

    public init() {}

    /// Reads parameters up to the next thing that is none.
    ///
    /// - Throws: ``ParseError`` "parameter".
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        while let next = try cursor.nextParameter() {
            self.items.append(
                Parameter(
                    name: cursor.copy(next.name), value: next.hasValue ? Self.unfolded(cursor.copy(next.value)) : nil))
        }
    }

    public func write(to output: inout ByteWriter) {
        for item in self.items {
            output.write(byte: ASCII.semicolon)
            output.write(item.name)
            if let value = item.value {
                output.write(byte: ASCII.equals)
                output.write(value)
            }
        }
    }

    public var isEmpty: Bool { self.items.isEmpty }

    /// The value as it was written; empty for a parameter without one, `nil` where it is missing.
    public subscript(name: StaticString) -> [UInt8]? {
        self.place(of: name).map { self.items[$0].value ?? [] }
    }

    public func contains(_ name: StaticString) -> Bool { self.place(of: name) != nil }

    /// The value with quotes and escapes undone.
    public func content(_ name: StaticString) -> [UInt8]? {
        self[name].map { QuotedString.unescape($0.span, ByteRange(0, $0.count)) }
    }

    /// The value as a number; `nil` where it is missing or none.
    public func number(_ name: StaticString, limit: UInt64 = UInt64(UInt32.max)) -> UInt64? {
        self[name].flatMap { ASCII.number($0.span, ByteRange(0, $0.count), limit: limit) }
    }

    /// Sets or adds a parameter; `nil` as the value writes none. What is no token is put in quotes.
    public mutating func set(_ name: StaticString, _ value: String?) {
        let bytes = value.map { Self.quotedIfNeeded(Array($0.utf8)) }
        if let place = self.place(of: name) {
            self.items[place].value = bytes
        } else {
            self.items.append(Parameter(name: Array("\(name)".utf8), value: bytes))
        }
    }

    public mutating func remove(_ name: StaticString) {
        self.items.removeAll { Self.equal($0.name, name) }
    }

    private func place(of name: StaticString) -> Int? { self.items.firstIndex { Self.equal($0.name, name) } }

    private static func equal(_ bytes: [UInt8], _ name: StaticString) -> Bool {
        bytes.span.equalsIgnoringCase(ByteRange(0, bytes.count), name)
    }

    /// Token bytes and what hosts and URIs in parameters are made of may stand bare.
    private static func quotedIfNeeded(_ bytes: [UInt8]) -> [UInt8] {
        let isBare = { (byte: UInt8) in
            ASCII.isToken(byte) || byte == ASCII.colon || byte == ASCII.openBracket || byte == ASCII.closeBracket
        }
        if bytes.allSatisfy(isBare) { return bytes }
        var output = ByteWriter()
        QuotedString.write(bytes, to: &output)
        return output.bytes
    }

    /// A quoted value may be folded; the line end is taken out, or writing it would be a header of its own.
    static func unfolded(_ bytes: [UInt8]) -> [UInt8] { bytes.filter { $0 != ASCII.cr && $0 != ASCII.lf && $0 != 0 } }
}
