/// A Digest challenge: the value of WWW-Authenticate or Proxy-Authenticate (RFC 3261 §20.44, RFC 7616 §3.3, RFC 8760).
///
/// Text is bytes: realms and nonces are compared and hashed as they came, never as `String`.
public struct Challenge: Sendable, Equatable {
    public var realm: [UInt8]
    public var nonce: [UInt8]
    public var opaque: [UInt8]?
    /// `nil` where the challenge names a hash that we do not know: it cannot be answered, but it can be shown.
    public var algorithm: DigestAlgorithm?
    /// The hash's name as written; `nil` where it was left out, which means MD5.
    public var algorithmName: [UInt8]?
    /// The known ones of the `qop` list, in its order.
    public var qualities: [DigestQuality]
    /// Whether there was a `qop` at all: a list of unknown words is no RFC 2069 challenge.
    public var hasQuality: Bool
    /// The password was right, the nonce was old.
    public var isStale: Bool
    /// The server takes the hash of user and realm instead of the user's name.
    public var wantsUserHash: Bool
    /// What we do not know, kept in its order.
    public var others: AuthParameters

    public init(
        realm: [UInt8], nonce: [UInt8], algorithm: DigestAlgorithm = .md5, qualities: [DigestQuality] = [.auth],
        opaque: [UInt8]? = nil, isStale: Bool = false, wantsUserHash: Bool = false
    ) {
        self.realm = realm
        self.nonce = nonce
        self.opaque = opaque
        self.algorithm = algorithm
        self.algorithmName = algorithm.token.withUTF8Buffer { Array($0) }
        self.qualities = qualities
        self.hasQuality = !qualities.isEmpty
        self.isStale = isStale
        self.wantsUserHash = wantsUserHash
        self.others = AuthParameters()
    }

    /// Reads one challenge; the cursor stops at the end or before the next challenge of the same line.
    ///
    /// - Throws: ``ParseError``: `.unsupported` for another scheme (its parameters have been passed over),
    ///   `.missing` without realm or nonce.
    @_lifetime(value: copy value)
    public init(parsing value: inout ByteCursor) throws(ParseError) {
        value.skipLWS()
        let start = value.offset
        let scheme = value.takeToken()
        var parameters = try AuthParameters(parsing: &value)
        guard value.bytes.equalsIgnoringCase(scheme, "digest") else {
            throw ParseError(
                .unsupported, "authentication scheme", expected: "Digest", found: value.copy(scheme), at: start)
        }
        guard let realm = parameters.take("realm") else {
            throw ParseError(.missing, "realm of the challenge", at: start)
        }
        guard let nonce = parameters.take("nonce") else {
            throw ParseError(.missing, "nonce of the challenge", at: start)
        }
        self.realm = realm
        self.nonce = nonce
        self.opaque = parameters.take("opaque")
        self.algorithmName = parameters.take("algorithm")
        if let name = self.algorithmName {
            self.algorithm = DigestAlgorithm(parsing: name.span, ByteRange(0, name.count))
        } else {
            self.algorithm = .md5
        }
        let quality = parameters.take("qop")
        self.hasQuality = quality != nil
        self.qualities = Self.qualities(in: quality ?? [])
        self.isStale = Self.isTrue(parameters.take("stale"))
        self.wantsUserHash = Self.isTrue(parameters.take("userhash"))
        self.others = parameters
    }

    /// Reads every challenge of one header line; one that is not Digest or not readable is left out.
    public static func all(in bytes: Span<UInt8>, _ range: ByteRange) -> [Challenge] {
        var found: [Challenge] = []
        var cursor = ByteCursor(bytes, range)
        while !cursor.isAtEnd {
            let before = cursor.offset
            do throws(ParseError) {
                found.append(try Challenge(parsing: &cursor))
            } catch {
                // Another scheme was passed over whole; anything else cannot be resumed safely.
                if error.kind != .unsupported { return found }
            }
            if cursor.offset == before { return found }
        }
        return found
    }

    private static func qualities(in list: [UInt8]) -> [DigestQuality] {
        list.split { $0 == ASCII.comma || ASCII.isLWS($0) }.compactMap { DigestQuality(parsing: Array($0)) }
    }

    private static func isTrue(_ value: [UInt8]?) -> Bool {
        guard let value else { return false }
        return value.span.equalsIgnoringCase(ByteRange(0, value.count), "true")
    }

    public func write(to output: inout ByteWriter) {
        output.write("Digest ")
        var pairs = AuthParameterWriter(output)
        pairs.quoted("realm", self.realm)
        pairs.quoted("nonce", self.nonce)
        if let opaque = self.opaque { pairs.quoted("opaque", opaque) }
        if self.isStale { pairs.bare("stale", "true") }
        if let name = self.algorithmName { pairs.bare("algorithm", name) }
        if self.hasQuality { pairs.quoted("qop", Self.list(self.qualities)) }
        if self.wantsUserHash { pairs.bare("userhash", "true") }
        self.others.write(to: &pairs)
        output = pairs.output
    }

    private static func list(_ qualities: [DigestQuality]) -> [UInt8] {
        var output: [UInt8] = []
        for quality in qualities {
            if !output.isEmpty { output.append(ASCII.comma) }
            quality.token.withUTF8Buffer { output.append(contentsOf: $0) }
        }
        return output
    }
}
