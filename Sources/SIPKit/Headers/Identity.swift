/// A signed caller identity, as data (RFC 8224 §4.1): nothing is verified here.
public struct Identity: HeaderValue {
    /// The token, full (`header.claims.signature`) or compact (`..signature`); base64url, as it was written.
    public var digest: [UInt8]
    public var parameters: ParameterList

    /// - Throws: ``ParseError`` "Identity".
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        cursor.skipLWS()
        // RFC 4474 had the signature in quotes; it is read, and written as it came.
        let digest = cursor.takeQuoted() ?? cursor.take(while: Self.isDigestByte)
        guard !digest.isEmpty else {
            throw ParseError(.malformed, "Identity", expected: "a signature", found: cursor.rest, at: cursor.offset)
        }
        self.digest = ParameterList.unfolded(cursor.copy(digest))
        self.parameters = try ParameterList(parsing: &cursor)
        try cursor.endValue(of: "Identity")
    }

    public func write(to output: inout ByteWriter) {
        output.write(self.digest)
        self.parameters.write(to: &output)
    }

    /// `info` without its angle brackets: where the certificate is.
    public var info: [UInt8]? {
        guard let text = self.parameters["info"], text.first == ASCII.less, text.last == ASCII.greater else {
            return nil
        }
        return Array(text.dropFirst().dropLast())
    }
    public var algorithm: [UInt8]? { self.parameters["alg"] }
    /// `ppt`: `shaken`, `div` …, with or without quotes on the wire.
    public var extensionType: [UInt8]? { self.parameters.content("ppt") }

    /// Base64 and base64url, and the dots between the three parts.
    private static func isDigestByte(_ byte: UInt8) -> Bool {
        ASCII.isAlphanumeric(byte) || byte == ASCII.minus || byte == 0x5F || byte == ASCII.dot || byte == ASCII.plus
            || byte == ASCII.slash || byte == ASCII.equals
    }
}
