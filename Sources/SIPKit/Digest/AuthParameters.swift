/// The `name=value` list of a challenge, of credentials or of Authentication-Info, in the order it came.
///
/// Values are held without quotes and escapes: `realm="a \"b\""` is `a "b"`. Whether a value was quoted is kept, so
/// that what we do not know is written back the way it was.
public struct AuthParameters: Sendable, Equatable {
    public struct Parameter: Sendable, Equatable {
        /// In lower case.
        public var name: [UInt8]
        public var value: [UInt8]
        public var isQuoted: Bool

        public init(_ name: [UInt8], _ value: [UInt8], quoted: Bool) {
            self.name = name
            self.value = value
            self.isQuoted = quoted
        }
    }

    /// More than any real header has; a longer list is refused (`docs/limits.md`).
    public static let limit = 64

    public var list: [Parameter] = []

    public init() {}

    /// Reads parameters up to the end, or up to a comma after which another scheme begins (`Digest a=1, Basic b=2`).
    ///
    /// Stray commas are passed over; phones send them.
    ///
    /// - Throws: ``ParseError``: `.malformed` for anything but `name=value`, `.duplicate`, `.tooLarge`.
    @_lifetime(value: copy value)
    public init(parsing value: inout ByteCursor) throws(ParseError) {
        while true {
            value.skipLWS()
            while value.skip(ASCII.comma) { value.skipLWS() }
            if value.isAtEnd { return }
            let before = value.offset
            let name = value.takeToken()
            value.skipLWS()
            guard !name.isEmpty, value.skip(ASCII.equals) else {
                value.offset = before
                if !self.list.isEmpty, Self.beginsScheme(value) { return }
                throw ParseError(
                    .malformed, "authentication parameter", expected: "name=value", found: value.rest, at: before)
            }
            value.skipLWS()
            let parameter = try Self.takeValue(&value, named: value.copy(name).map(ASCII.lowercased))
            guard self[parameter.name] == nil else {
                throw ParseError(.duplicate, "authentication parameter", found: parameter.name, at: before)
            }
            guard self.list.count < Self.limit else {
                throw ParseError(.tooLarge, "authentication parameters", expected: "at most \(Self.limit)", at: before)
            }
            self.list.append(parameter)
            value.skipLWS()
            guard value.isAtEnd || value.peek == ASCII.comma else {
                throw ParseError(
                    .malformed, "authentication parameter", expected: "a comma", found: value.rest, at: value.offset)
            }
        }
    }

    @_lifetime(value: copy value)
    private static func takeValue(_ value: inout ByteCursor, named name: [UInt8]) throws(ParseError) -> Parameter {
        if value.peek == ASCII.quote {
            let start = value.offset
            guard let quoted = value.takeQuoted() else {
                throw ParseError(.truncated, "quoted string", found: value.rest, at: start)
            }
            return Parameter(name, QuotedString.unescape(value.bytes, quoted), quoted: true)
        }
        // Wider than a token: peers leave quotes out around URIs and base64 nonces.
        let bare = value.take { $0 != ASCII.comma && $0 != ASCII.quote && !ASCII.isLWS($0) }
        return Parameter(name, value.copy(bare), quoted: false)
    }

    /// Whether a scheme name follows: a token, a blank, and a parameter's token with its equals sign.
    private static func beginsScheme(_ cursor: borrowing ByteCursor) -> Bool {
        var ahead = ByteCursor(cursor.bytes, ByteRange(cursor.offset, cursor.end))
        guard !ahead.takeToken().isEmpty, let blank = ahead.peek, ASCII.isLWS(blank) else { return false }
        ahead.skipLWS()
        guard !ahead.takeToken().isEmpty else { return false }
        ahead.skipLWS()
        return ahead.peek == ASCII.equals
    }

    /// The value of a parameter; `name` in lower case.
    public subscript(name: [UInt8]) -> [UInt8]? { self.list.first { $0.name == name }?.value }
    public subscript(name: StaticString) -> [UInt8]? {
        name.withUTF8Buffer { wanted in self.list.first { $0.name.elementsEqual(wanted) }?.value }
    }

    /// Takes a parameter out of the list: what is left at the end are the unknown ones.
    mutating func take(_ name: StaticString) -> [UInt8]? {
        guard let value = self[name] else { return nil }
        name.withUTF8Buffer { wanted in self.list.removeAll { $0.name.elementsEqual(wanted) } }
        return value
    }

    func write(to output: inout AuthParameterWriter) {
        for parameter in self.list { output.write(parameter.name, parameter.value, quoted: parameter.isQuoted) }
    }
}

/// Writes `name=value` pairs with the commas between them.
struct AuthParameterWriter {
    var output: ByteWriter
    private var isFirst = true

    init(_ output: consuming ByteWriter) { self.output = output }

    mutating func quoted(_ name: StaticString, _ value: [UInt8]) {
        self.separate()
        self.output.write(name)
        self.output.write(byte: ASCII.equals)
        QuotedString.write(value, to: &self.output)
    }

    mutating func bare(_ name: StaticString, _ value: [UInt8]) {
        self.separate()
        self.output.write(name)
        self.output.write(byte: ASCII.equals)
        self.output.write(value)
    }

    mutating func bare(_ name: StaticString, _ value: StaticString) {
        self.separate()
        self.output.write(name)
        self.output.write(byte: ASCII.equals)
        self.output.write(value)
    }

    mutating func write(_ name: [UInt8], _ value: [UInt8], quoted: Bool) {
        self.separate()
        self.output.write(name)
        self.output.write(byte: ASCII.equals)
        if quoted { QuotedString.write(value, to: &self.output) } else { self.output.write(value) }
    }

    private mutating func separate() {
        if !self.isFirst { self.output.write(", ") }
        self.isFirst = false
    }
}
