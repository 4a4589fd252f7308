/// Which dialog a new one takes the place of, or is joined to: Replaces, Join, Target-Dialog (RFC 3891, 3911, 4538).
public struct Replaces: HeaderValue {
    public var callID: [UInt8]
    public var parameters: ParameterList

    public init(callID: String, toTag: String, fromTag: String) {
        self.callID = Array(callID.utf8)
        self.parameters = ParameterList()
        self.parameters.set("to-tag", toTag)
        self.parameters.set("from-tag", fromTag)
    }

    /// - Throws: ``ParseError`` "Replaces"; `.duplicate` for a tag that is given twice (RFC 3891 §6.1).
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        cursor.skipLWS()
        let callID = cursor.take { $0 != ASCII.semicolon && $0 != ASCII.comma && !ASCII.isLWS($0) }
        guard !callID.isEmpty else {
            throw ParseError(.malformed, "Replaces", expected: "a Call-ID", found: cursor.rest, at: cursor.offset)
        }
        self.callID = cursor.copy(callID)
        self.parameters = try ParameterList(parsing: &cursor)
        for name in ["to-tag", "from-tag"]
        where self.parameters.items.filter({ $0.name.equalsIgnoringCase(Array(name.utf8)) }).count > 1 {
            throw ParseError(.duplicate, "Replaces", expected: name)
        }
        try cursor.endHeader(of: "Replaces")
    }

    public func write(to output: inout ByteWriter) {
        output.write(self.callID)
        self.parameters.write(to: &output)
    }

    public var toTag: [UInt8]? { self.parameters["to-tag"] }
    public var fromTag: [UInt8]? { self.parameters["from-tag"] }
    public var isEarlyOnly: Bool { self.parameters.contains("early-only") }
}
