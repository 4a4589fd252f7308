/// One address with its display name and parameters as a value: From, To, Contact, Route, Record-Route, Path,
/// Service-Route, Refer-To, Referred-By, Reply-To, P-Asserted-Identity, P-Preferred-Identity, P-Associated-URI,
/// P-Called-Party-ID, Remote-Party-ID (RFC 3261 §20.10; RFC 3327, 3515, 3608, 3325, 7315).
///
/// The grammar is ``AddressRanges``'; this is its other face. It is written in angle brackets always.
public struct NameAddress: HeaderValue {
    /// Without quotes and escapes; empty where there is none.
    public var displayName: [UInt8]
    /// As it was written; `*` for the Contact that means all of them.
    public var uri: [UInt8]
    public var parameters: ParameterList

    public init(_ uri: String, displayName: String = "") {
        self.displayName = Array(displayName.utf8)
        self.uri = Array(uri.utf8)
        self.parameters = ParameterList()
    }

    public init(_ uri: SIPURI, displayName: String = "") { self.init(uri.description, displayName: displayName) }

    /// - Throws: ``ParseError`` "address"; `.malformed` also for blanks and control bytes inside the URI.
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        let ranges = try AddressRanges(parsing: &cursor)
        self.displayName = ParameterList.unfolded(QuotedString.unescape(cursor.bytes, ranges.displayName))
        self.uri = cursor.copy(ranges.uri)
        for (place, byte) in self.uri.enumerated() where byte <= ASCII.space || Self.isDelimiter(byte) {
            throw ParseError(
                .malformed, "address", expected: "a URI without blanks", found: self.uri, at: ranges.uri.start + place)
        }
        var parameters = ByteCursor(cursor.bytes, ranges.parameters)
        self.parameters = try ParameterList(parsing: &parameters)
    }

    public func write(to output: inout ByteWriter) {
        if self.isStar, self.displayName.isEmpty {
            output.write(byte: ASCII.star)
            return self.parameters.write(to: &output)
        }
        if !self.displayName.isEmpty {
            QuotedString.write(self.displayName, to: &output)
            output.write(byte: ASCII.space)
        }
        output.write(byte: ASCII.less)
        output.write(self.uri)
        output.write(byte: ASCII.greater)
        self.parameters.write(to: &output)
    }

    /// What would end the brackets that the URI is written in, or begin others.
    private static func isDelimiter(_ byte: UInt8) -> Bool {
        byte == ASCII.less || byte == ASCII.greater || byte == ASCII.quote || byte == 0x7F
    }

    public var isStar: Bool { self.uri == [ASCII.star] }
    public var tag: [UInt8]? { self.parameters["tag"] }

    /// - Throws: ``ParseError`` "URI"; `.unsupported` for schemes other than `sip` and `sips`.
    public func sipURI() throws(ParseError) -> SIPURI {
        try SIPURI(parsing: self.uri.span, ByteRange(0, self.uri.count))
    }
}
