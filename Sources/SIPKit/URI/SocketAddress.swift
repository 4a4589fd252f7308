/// An IP address and a port: where a datagram came from or goes to.
public struct SocketAddress: Hashable, Sendable, BitwiseCopyable, Codable {
    public var ip: IPAddress
    public var port: UInt16
    /// The interface of a link-local IPv6 address (`sin6_scope_id`); 0 otherwise.
    public var scope: UInt32

    @inlinable
    public init(_ ip: IPAddress, _ port: UInt16, scope: UInt32 = 0) {
        self.ip = ip
        self.port = port
        self.scope = scope
    }

    /// Reads `192.0.2.1:5060` or `[2001:db8::1]:5060`; without a port, `defaultPort`.
    public init?(_ text: some StringProtocol, defaultPort: UInt16? = nil) {
        let bytes = Array(text.utf8)
        let whole = ByteRange(0, bytes.count)
        var host = whole
        var port: UInt16? = defaultPort
        let bracket = bytes.lastIndex(of: ASCII.closeBracket)
        if let colon = bytes.lastIndex(of: ASCII.colon),
            bracket.map({ colon == $0 + 1 }) ?? (bytes.firstIndex(of: ASCII.colon) == colon)
        {
            host = ByteRange(0, colon)
            guard let number = ASCII.number(bytes.span, ByteRange(colon + 1, bytes.count), limit: 65535) else {
                return nil
            }
            port = UInt16(number)
        }
        guard let port, let ip = IPAddress(parsing: bytes.span, host) else { return nil }
        self.init(ip, port)
    }

    /// Writes `192.0.2.1:5060`, `[2001:db8::1]:5060`.
    public func write(to output: inout ByteWriter) {
        if self.ip.family == .v6 { output.write(byte: ASCII.openBracket) }
        self.ip.write(to: &output)
        if self.ip.family == .v6 { output.write(byte: ASCII.closeBracket) }
        output.write(byte: ASCII.colon)
        output.write(number: self.port)
    }
}

extension SocketAddress: CustomStringConvertible {
    public var description: String {
        var output = ByteWriter()
        self.write(to: &output)
        return output.string
    }
}
