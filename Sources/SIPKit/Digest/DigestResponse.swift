/// The `response` of RFC 7616 §3.4.1, computed from its parts.
///
/// -sess hashes HA1 as hexadecimal digits together with the nonces. RFC 7616's own SHA-512-256 example (§3.9.2) prints
/// values that its rules do not give (its errata say so); the rules are followed here.
public struct DigestResponse: Sendable {
    public var algorithm: DigestAlgorithm
    public var nonce: [UInt8]
    public var method: [UInt8]
    public var uri: [UInt8]
    /// `nil` is RFC 2069: neither count nor client nonce is hashed.
    public var quality: DigestQuality?
    public var count: [UInt8]
    public var clientNonce: [UInt8]
    /// Hashed for `auth-int` only.
    public var body: [UInt8]

    public init(
        algorithm: DigestAlgorithm, nonce: [UInt8], method: [UInt8], uri: [UInt8], quality: DigestQuality? = nil,
        count: [UInt8] = [], clientNonce: [UInt8] = [], body: [UInt8] = []
    ) {
        self.algorithm = algorithm
        self.nonce = nonce
        self.method = method
        self.uri = uri
        self.quality = quality
        self.count = count
        self.clientNonce = clientNonce
        self.body = body
    }

    /// The response in lower-case hexadecimal digits, from H(user:realm:password) in digits.
    public func value(ha1: [UInt8]) -> [UInt8] {
        var first = ha1
        if self.algorithm.isSession { first = self.algorithm.hex(Self.joined(ha1, self.nonce, self.clientNonce)) }
        var second = Self.joined(self.method, self.uri)
        if self.quality == .authInt { second = Self.joined(second, self.algorithm.hex(self.body)) }
        let ha2 = self.algorithm.hex(second)
        guard let quality = self.quality else { return self.algorithm.hex(Self.joined(first, self.nonce, ha2)) }
        let token = quality.token.withUTF8Buffer { Array($0) }
        return self.algorithm.hex(Self.joined(first, self.nonce, self.count, self.clientNonce, token, ha2))
    }

    private static func joined(_ parts: [UInt8]...) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(parts.reduce(parts.count) { $0 + $1.count })
        for (index, part) in parts.enumerated() {
            if index > 0 { output.append(ASCII.colon) }
            output.append(contentsOf: part)
        }
        return output
    }
}
