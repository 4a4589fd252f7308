/// The number of a reliable provisional response (RFC 3262 §7.1); 1 to 2^32-1.
public struct RSeq: HeaderValue, BitwiseCopyable {
    public var number: UInt32

    public init(_ number: UInt32) { self.number = number }

    /// - Throws: ``ParseError`` "RSeq".
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        self.number = UInt32(truncatingIfNeeded: try cursor.requireNumber(of: "RSeq"))
        try cursor.endHeader(of: "RSeq")
    }

    public func write(to output: inout ByteWriter) { output.write(number: self.number) }
}
