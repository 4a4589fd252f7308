/// The shortest session time that is accepted on the way; at least 90 seconds where it is missing (RFC 4028 §5).
public struct MinSE: HeaderValue {
    public var seconds: UInt32
    public var parameters: ParameterList

    public static let least: UInt32 = 90

    public init(_ seconds: UInt32) {
        self.seconds = seconds
        self.parameters = ParameterList()
    }

    /// - Throws: ``ParseError`` "Min-SE".
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        self.seconds = UInt32(truncatingIfNeeded: try cursor.requireNumber(of: "Min-SE"))
        self.parameters = try ParameterList(parsing: &cursor)
        try cursor.endHeader(of: "Min-SE")
    }

    public func write(to output: inout ByteWriter) {
        output.write(number: self.seconds)
        self.parameters.write(to: &output)
    }
}
