/// Why a request was sent or a call ended: a protocol, its cause and a text (RFC 3326).
public struct Reason: HeaderValue {
    /// `SIP`, `Q.850`, `Preemption` …
    public var protocolName: [UInt8]
    public var parameters: ParameterList

    public init(_ protocolName: String, cause: Int, text: String? = nil) {
        self.protocolName = Array(protocolName.utf8)
        self.parameters = ParameterList()
        self.parameters.set("cause", String(cause))
        if let text {
            // The grammar wants quotes here also around a single word.
            var output = ByteWriter()
            QuotedString.write(Array(text.utf8), to: &output)
            self.parameters.items.append(.init(name: Array("text".utf8), value: output.bytes))
        }
    }

    /// - Throws: ``ParseError`` "Reason".
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        self.protocolName = try cursor.requireToken(of: "Reason", "a protocol")
        self.parameters = try ParameterList(parsing: &cursor)
        try cursor.endValue(of: "Reason")
    }

    public func write(to output: inout ByteWriter) {
        output.write(self.protocolName)
        self.parameters.write(to: &output)
    }

    public var cause: Int? { self.parameters.number("cause", limit: 999_999).map(Int.init) }
    /// Without quotes and escapes.
    public var reasonText: [UInt8]? { self.parameters.content("text") }
}
