import CBytes

/// One `name-addr` or `addr-spec` with its parameters, as coordinates in its message: From, To, Contact, Route,
/// Record-Route, Path, Refer-To and their kin (RFC 3261 §20.10, §25.1).
public struct AddressRanges: Sendable, Equatable, BitwiseCopyable {
    /// The display name as it was written, quotes included; empty where there is none.
    public var displayName: ByteRange = .none
    /// The URI without its angle brackets.
    public var uri: ByteRange
    /// Whether the URI stands in angle brackets. Without them, all parameters belong to the header.
    public var isBracketed: Bool
    /// From the first byte of the value to behind its last parameter.
    public var whole: ByteRange
    /// From the first semicolon behind the URI to the end; empty where there is none.
    public var parameters: ByteRange
    /// The value of `tag`; empty where there is none.
    public var tag: ByteRange = .none
    /// Whether a comma follows: another value stands in the same line.
    public var isFollowed = false

    /// What holds the place of an address that has not been read: empty everywhere.
    public static let unread = AddressRanges()

    private init() {
        self.uri = .none
        self.isBracketed = false
        self.whole = .none
        self.parameters = .none
    }

    /// Reads one value and stops behind it (behind the comma, where one follows).
    ///
    /// The URI itself is not taken apart here: `URIRanges(parsing: bytes, address.uri)` does that.
    ///
    /// - Throws: ``ParseError`` "address".
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        cursor.skipLWS()
        let start = cursor.offset
        self.whole = .none
        self.parameters = .none
        if cursor.peek == ASCII.quote {
            guard let quoted = cursor.takeQuoted() else { throw Self.malformed(cursor, "a closing quote", start) }
            self.displayName = quoted
            cursor.skipLWS()
            guard cursor.peek == ASCII.less else { throw Self.malformed(cursor, "`<`", start) }
        } else if cursor.peek != ASCII.less {
            // Either tokens and `<`, or a bare URI. A `<` before any `;` or `,` decides.
            var at = cursor.offset
            while at < cursor.end {
                let byte = cursor.bytes[unchecked: at]
                // `<`, `;`, `,` and `"`: one bit each of the first 64 bytes.
                if byte < 64, 0x1800_1004_0000_0000 &>> UInt64(byte) & 1 != 0 { break }
                at &+= 1
            }
            if at < cursor.end, cursor.bytes[unchecked: at] == ASCII.less {
                let nameEnd = cursor.bytes.endWithoutBlanks(from: start, to: at)
                self.displayName = ByteRange(start, nameEnd)
                cursor.offset = at
            }
        }
        if cursor.skip(ASCII.less) {
            self.isBracketed = true
            cursor.skipLWS()
            let uriStart = cursor.offset
            cursor.offset = cursor.bytes.firstPlace(in: ByteRange(uriStart, cursor.end)) {
                cbytes_equal($0, ASCII.greater)
            }
            let uriEnd = cursor.bytes.endWithoutBlanks(from: uriStart, to: cursor.offset)
            guard cursor.skip(ASCII.greater) else { throw Self.malformed(cursor, "`>`", start) }
            self.uri = ByteRange(uriStart, uriEnd)
        } else {
            self.isBracketed = false
            self.uri = cursor.take { $0 != ASCII.semicolon && $0 != ASCII.comma && !ASCII.isLWS($0) }
        }
        guard !self.uri.isEmpty else { throw Self.malformed(cursor, "a URI", start) }
        let parametersStart = cursor.offset
        // `;tag=` right behind the URI, as nearly everybody writes it.
        if let tag = cursor.takeUsualParameter(0x3D67_6174_3B, 5) { self.tag = tag }
        while let parameter = try cursor.nextParameter() {
            if parameter.name.count == 3, cursor.bytes.equalsIgnoringCase(parameter.name, "tag") {
                self.tag = parameter.value
            }
        }
        self.whole = ByteRange(start, cursor.offset)
        self.parameters = ByteRange(parametersStart, cursor.offset)
        cursor.skipLWS()
        guard !cursor.isAtEnd else { return }
        guard cursor.skip(ASCII.comma) else { throw Self.malformed(cursor, "`;`, `,` or the end", start) }
        self.isFollowed = true
    }

    /// The value of a header parameter, in any case; empty for one without a value, `nil` where it is missing.
    public func parameter(_ name: StaticString, in bytes: Span<UInt8>) -> ByteRange? {
        guard !self.parameters.isEmpty else { return nil }
        var cursor = ByteCursor(bytes, self.parameters)
        while let parameter = try? cursor.nextParameter() {
            if bytes.equalsIgnoringCase(parameter.name, name) { return parameter.value }
        }
        return nil
    }

    private static func malformed(_ cursor: borrowing ByteCursor, _ expected: String, _ start: Int) -> ParseError {
        ParseError(
            .malformed, "address", expected: expected, found: cursor.copy(ByteRange(start, cursor.end)),
            at: cursor.offset)
    }
}
