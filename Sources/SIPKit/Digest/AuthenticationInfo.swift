/// What a server says after a good answer: Authentication-Info and Proxy-Authentication-Info (RFC 7616 §3.5).
public struct AuthenticationInfo: Sendable, Equatable {
    public var nextNonce: [UInt8]?
    /// Proves that the server knows the secret as well.
    public var responseAuth: [UInt8]?
    public var others: AuthParameters

    @_lifetime(value: copy value)
    public init(parsing value: inout ByteCursor) throws(ParseError) {
        var parameters = try AuthParameters(parsing: &value)
        self.nextNonce = parameters.take("nextnonce")
        self.responseAuth = parameters.take("rspauth")
        self.others = parameters
    }

    public func write(to output: inout ByteWriter) {
        var pairs = AuthParameterWriter(output)
        if let nonce = self.nextNonce { pairs.quoted("nextnonce", nonce) }
        if let proof = self.responseAuth { pairs.quoted("rspauth", proof) }
        self.others.write(to: &pairs)
        output = pairs.output
    }
}
