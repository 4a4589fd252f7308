/// What a body is for, and what to do when it is not understood (RFC 3261 §20.11).
public struct ContentDisposition: HeaderValue {
    /// `session`, `render`, `icon`, `alert`, `early-session` …
    public var type: [UInt8]
    public var parameters: ParameterList

    public init(_ type: String) {
        self.type = Array(type.utf8)
        self.parameters = ParameterList()
    }

    /// - Throws: ``ParseError`` "Content-Disposition".
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        self.type = try cursor.requireToken(of: "Content-Disposition")
        self.parameters = try ParameterList(parsing: &cursor)
        try cursor.endHeader(of: "Content-Disposition")
    }

    public func write(to output: inout ByteWriter) {
        output.write(self.type)
        self.parameters.write(to: &output)
    }

    /// Whether a body that is not understood may be left aside; without the parameter it must not (§20.11).
    public var isOptional: Bool { self.parameters["handling"]?.equalsIgnoringCase(Array("optional".utf8)) ?? false }
}
