/// The answer to a Digest challenge: the value of Authorization or Proxy-Authorization (RFC 3261 §22, RFC 7616 §3.4).
public struct Credentials: Sendable, Equatable {
    public var username: [UInt8]
    /// `username` is the hash of user and realm (RFC 7616 §3.4.4).
    public var isUserHashed: Bool
    public var realm: [UInt8]
    public var nonce: [UInt8]
    public var uri: [UInt8]
    /// Hexadecimal digits, as they came; whether they are is the verifier's question.
    public var response: [UInt8]
    /// `nil` for a hash that we do not know.
    public var algorithm: DigestAlgorithm?
    /// As written; `nil` where it was left out, which means MD5.
    public var algorithmName: [UInt8]?
    public var opaque: [UInt8]?
    public var quality: DigestQuality?
    /// The `qop` as written, for one that we do not know.
    public var qualityName: [UInt8]?
    public var clientNonce: [UInt8]?
    /// The nonce count as written: eight hexadecimal digits.
    public var count: [UInt8]?
    /// What we do not know, kept in its order.
    public var others: AuthParameters

    /// Reads one header's value.
    ///
    /// - Throws: ``ParseError``: `.unsupported` for another scheme, `.missing` without one of username, realm, nonce,
    ///   uri, response, or without cnonce and nc where there is a qop.
    @_lifetime(value: copy value)
    public init(parsing value: inout ByteCursor) throws(ParseError) {
        value.skipLWS()
        let start = value.offset
        let scheme = value.takeToken()
        guard value.bytes.equalsIgnoringCase(scheme, "digest") else {
            throw ParseError(
                .unsupported, "authentication scheme", expected: "Digest", found: value.copy(scheme), at: start)
        }
        var parameters = try AuthParameters(parsing: &value)
        func need(_ name: StaticString) throws(ParseError) -> [UInt8] {
            guard let found = parameters.take(name) else {
                throw ParseError(.missing, "\(name) of the credentials", at: start)
            }
            return found
        }
        if let extended = parameters.take("username*") {
            self.username = try Self.decoded(extended)
        } else {
            self.username = try need("username")
        }
        self.realm = try need("realm")
        self.nonce = try need("nonce")
        self.uri = try need("uri")
        self.response = try need("response")
        self.algorithmName = parameters.take("algorithm")
        if let name = self.algorithmName {
            self.algorithm = DigestAlgorithm(parsing: name.span, ByteRange(0, name.count))
        } else {
            self.algorithm = .md5
        }
        self.opaque = parameters.take("opaque")
        self.qualityName = parameters.take("qop")
        self.quality = self.qualityName.flatMap { DigestQuality(parsing: $0) }
        self.clientNonce = parameters.take("cnonce")
        self.count = parameters.take("nc")
        if self.qualityName != nil, self.clientNonce == nil || self.count == nil {
            throw ParseError(.missing, "cnonce and nc of the credentials", expected: "both with a qop", at: start)
        }
        let hashed = parameters.take("userhash") ?? []
        self.isUserHashed = hashed.span.equalsIgnoringCase(ByteRange(0, hashed.count), "true")
        self.others = parameters
    }

    init(
        username: [UInt8], isUserHashed: Bool, challenge: Challenge, algorithm: DigestAlgorithm, uri: [UInt8],
        quality: DigestQuality?, clientNonce: [UInt8]?, count: [UInt8]?, response: [UInt8]
    ) {
        self.username = username
        self.isUserHashed = isUserHashed
        self.realm = challenge.realm
        self.nonce = challenge.nonce
        self.uri = uri
        self.response = response
        self.algorithm = algorithm
        self.algorithmName = challenge.algorithmName
        self.opaque = challenge.opaque
        self.quality = quality
        self.qualityName = quality.map { quality in quality.token.withUTF8Buffer { Array($0) } }
        self.clientNonce = clientNonce
        self.count = count
        self.others = AuthParameters()
    }

    /// The nonce count as a number; `nil` unless it is one to eight hexadecimal digits.
    public var countNumber: UInt32? {
        guard let count = self.count, 1...8 ~= count.count else { return nil }
        var number: UInt32 = 0
        for byte in count {
            guard let digit = ASCII.hexValue(byte) else { return nil }
            number = number << 4 | UInt32(digit)
        }
        return number
    }

    /// Takes `UTF-8''J%C3%A4s` apart (RFC 5987 §3.2).
    private static func decoded(_ value: [UInt8]) throws(ParseError) -> [UInt8] {
        let marks = value.indices.filter { value[$0] == ASCII.apostrophe }
        guard marks.count >= 2, value.span.equalsIgnoringCase(ByteRange(0, marks[0]), "utf-8") else {
            throw ParseError(.malformed, "username*", expected: "UTF-8''text", found: value)
        }
        var output: [UInt8] = []
        var at = marks[1] + 1
        while at < value.count {
            guard value[at] == ASCII.percent else {
                output.append(value[at])
                at += 1
                continue
            }
            guard at + 2 < value.count, let high = ASCII.hexValue(value[at + 1]),
                let low = ASCII.hexValue(value[at + 2])
            else { throw ParseError(.malformed, "username*", expected: "two hexadecimal digits after %", found: value) }
            output.append(high << 4 | low)
            at += 3
        }
        return output
    }

    public func write(to output: inout ByteWriter) {
        output.write("Digest ")
        var pairs = AuthParameterWriter(output)
        pairs.quoted("username", self.username)
        pairs.quoted("realm", self.realm)
        pairs.quoted("nonce", self.nonce)
        pairs.quoted("uri", self.uri)
        pairs.quoted("response", self.response)
        if let name = self.algorithmName { pairs.bare("algorithm", name) }
        if let cnonce = self.clientNonce { pairs.quoted("cnonce", cnonce) }
        if let opaque = self.opaque { pairs.quoted("opaque", opaque) }
        if let quality = self.qualityName { pairs.bare("qop", quality) }
        if let count = self.count { pairs.bare("nc", count) }
        if self.isUserHashed { pairs.bare("userhash", "true") }
        self.others.write(to: &pairs)
        output = pairs.output
    }
}
