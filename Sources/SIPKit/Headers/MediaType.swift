/// A media type with its parameters: Content-Type, and one range of an Accept (RFC 3261 §20.1, §20.15).
public struct MediaType: HeaderValue {
    /// `application`; `*` in an Accept for every one.
    public var type: [UInt8]
    public var subtype: [UInt8]
    public var parameters: ParameterList

    public init(_ type: String, _ subtype: String) {
        self.type = Array(type.utf8)
        self.subtype = Array(subtype.utf8)
        self.parameters = ParameterList()
    }

    /// - Throws: ``ParseError`` "media type".
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        self.type = try cursor.requireToken(of: "media type", "type/subtype")
        cursor.skipLWS()
        guard cursor.skip(ASCII.slash) else {
            throw ParseError(.malformed, "media type", expected: "a slash", found: cursor.rest, at: cursor.offset)
        }
        self.subtype = try cursor.requireToken(of: "media type", "a subtype")
        self.parameters = try ParameterList(parsing: &cursor)
        try cursor.endValue(of: "media type")
    }

    public func write(to output: inout ByteWriter) {
        output.write(self.type)
        output.write(byte: ASCII.slash)
        output.write(self.subtype)
        self.parameters.write(to: &output)
    }

    /// Whether this is `type/subtype`, in either case, whatever the parameters.
    public func matches(_ type: String, _ subtype: String) -> Bool {
        self.type.equalsIgnoringCase(Array(type.utf8)) && self.subtype.equalsIgnoringCase(Array(subtype.utf8))
    }

    /// Whether an Accept range takes this type.
    public func accepts(_ other: MediaType) -> Bool {
        if self.type == [ASCII.star] { return true }
        return self.type.equalsIgnoringCase(other.type)
            && (self.subtype == [ASCII.star] || self.subtype.equalsIgnoringCase(other.subtype))
    }

    /// What stands between the parts of a multipart body.
    public var boundary: [UInt8]? { self.parameters.content("boundary").flatMap { $0.isEmpty ? nil : $0 } }
}
