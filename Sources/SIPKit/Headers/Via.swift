/// One Via as a value that can be changed and written (RFC 3261 §20.42, RFC 3581).
///
/// The grammar is ``ViaRanges``'; this is its other face. A comment behind the value is not kept.
public struct Via: HeaderValue {
    /// `UDP`, `TCP` …, as it was written.
    public var transportName: [UInt8]
    /// A name, an IPv4 address or an IPv6 address in its brackets.
    public var host: [UInt8]
    public var port: UInt16?
    public var parameters: ParameterList

    public init(_ transport: TransportProtocol, host: String, port: UInt16? = nil, branch: String? = nil) {
        self.transportName = Array("\(transport.viaName)".utf8)
        self.host = Array(host.utf8)
        self.port = port
        self.parameters = ParameterList()
        if let branch { self.parameters.set("branch", branch) }
    }

    /// - Throws: ``ParseError`` "Via".
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        let ranges = try ViaRanges(parsing: &cursor)
        self.transportName = cursor.copy(ranges.transportName)
        self.host = cursor.copy(ranges.host)
        self.port = ranges.port
        var parameters = ByteCursor(cursor.bytes, ByteRange(ranges.hostPort.end, ranges.whole.end))
        self.parameters = try ParameterList(parsing: &parameters)
    }

    public func write(to output: inout ByteWriter) {
        output.write("SIP/2.0/")
        output.write(self.transportName)
        output.write(byte: ASCII.space)
        output.write(self.host)
        if let port = self.port {
            output.write(byte: ASCII.colon)
            output.write(number: port)
        }
        self.parameters.write(to: &output)
    }

    /// `nil` for a transport that nobody knows.
    public var transport: TransportProtocol? {
        TransportProtocol(parsing: self.transportName.span, ByteRange(0, self.transportName.count))
    }
    public var branch: [UInt8]? { self.parameters["branch"] }
    /// Where the request came from, as the next hop saw it; with or without brackets (RFC 5118 §4.5).
    public var received: IPAddress? {
        self.parameters.content("received").flatMap { IPAddress(parsing: $0.span, ByteRange(0, $0.count)) }
    }
}
