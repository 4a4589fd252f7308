/// Over which access network a device is reached: one value of P-Access-Network-Info (RFC 7315 §5.4).
public struct AccessNetworkInfo: HeaderValue {
    /// `3GPP-E-UTRAN-FDD`, `IEEE-802.11` …
    public var accessType: [UInt8]
    public var parameters: ParameterList

    public init(_ accessType: String) {
        self.accessType = Array(accessType.utf8)
        self.parameters = ParameterList()
    }

    /// - Throws: ``ParseError`` "P-Access-Network-Info".
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        self.accessType = try cursor.requireToken(of: "P-Access-Network-Info", "an access type")
        self.parameters = try ParameterList(parsing: &cursor)
        try cursor.endValue(of: "P-Access-Network-Info")
    }

    public func write(to output: inout ByteWriter) {
        output.write(self.accessType)
        self.parameters.write(to: &output)
    }

    /// Whether the network itself says so and not the device.
    public var isNetworkProvided: Bool { self.parameters.contains("network-provided") }
}
