/// In which network a device roams: one value of P-Visited-Network-ID (RFC 7315 §5.3).
public struct VisitedNetworkID: HeaderValue {
    /// Without quotes and escapes.
    public var network: [UInt8]
    public var parameters: ParameterList

    public init(_ network: String) {
        self.network = Array(network.utf8)
        self.parameters = ParameterList()
    }

    /// - Throws: ``ParseError`` "P-Visited-Network-ID".
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        cursor.skipLWS()
        if let quoted = cursor.takeQuoted() {
            self.network = ParameterList.unfolded(QuotedString.unescape(cursor.bytes, quoted))
        } else {
            self.network = try cursor.requireToken(of: "P-Visited-Network-ID", "a network")
        }
        self.parameters = try ParameterList(parsing: &cursor)
        try cursor.endValue(of: "P-Visited-Network-ID")
    }

    public func write(to output: inout ByteWriter) {
        QuotedString.write(self.network, to: &output)
        self.parameters.write(to: &output)
    }
}
