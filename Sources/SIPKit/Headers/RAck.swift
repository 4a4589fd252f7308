/// Which reliable provisional response a PRACK acknowledges (RFC 3262 §7.2).
public struct RAck: HeaderValue {
    public var responseNumber: UInt32
    public var cSeqNumber: UInt32
    /// As it was written: methods differ by case.
    public var method: [UInt8]

    public init(_ responseNumber: UInt32, _ cSeqNumber: UInt32, _ method: SIPMethod) {
        self.responseNumber = responseNumber
        self.cSeqNumber = cSeqNumber
        self.method = Array("\(method.name)".utf8)
    }

    /// - Throws: ``ParseError`` "RAck".
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        self.responseNumber = UInt32(truncatingIfNeeded: try cursor.requireNumber(of: "RAck"))
        guard cursor.peek.map(ASCII.isLWS) ?? false else {
            throw ParseError(.malformed, "RAck", expected: "a blank", found: cursor.rest, at: cursor.offset)
        }
        self.cSeqNumber = UInt32(truncatingIfNeeded: try cursor.requireNumber(of: "RAck"))
        guard cursor.peek.map(ASCII.isLWS) ?? false else {
            throw ParseError(.malformed, "RAck", expected: "a blank", found: cursor.rest, at: cursor.offset)
        }
        self.method = try cursor.requireToken(of: "RAck", "a method")
        try cursor.endHeader(of: "RAck")
    }

    public func write(to output: inout ByteWriter) {
        output.write(number: self.responseNumber)
        output.write(byte: ASCII.space)
        output.write(number: self.cSeqNumber)
        output.write(byte: ASCII.space)
        output.write(self.method)
    }
}
