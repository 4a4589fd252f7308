/// The server's side of Digest: challenges, and whether an answer is good (RFC 3261 §22, RFC 7616 §3.6, RFC 8760).
///
/// Asking for the user's secret may take time (a database), so verifying has two steps: ``open(_:for:at:)`` says whose
/// secret is wanted, ``settle(_:secret:for:)`` decides. An unknown user goes the same way at the same cost as one
/// with a wrong password, and the answers are equal.
public struct DigestVerifier: Sendable {
    /// What was asked for, as far as the digest covers it.
    public struct Request: Sendable {
        public var method: [UInt8]
        /// The Request-URI as it stands on the start line.
        public var uri: [UInt8]
        public var body: [UInt8]
        public var source: IPAddress?

        public init(method: [UInt8], uri: [UInt8], body: [UInt8] = [], source: IPAddress? = nil) {
            self.method = method
            self.uri = uri
            self.body = body
            self.source = source
        }
    }

    /// What the credentials' `uri` has to do with the Request-URI.
    public enum URIRule: Sendable {
        /// The same bytes (RFC 3261 §22.4 item 5).
        case same
        /// Anything: for servers behind a proxy that rewrites, and clients that write another form of the same URI.
        /// The count keeps the answer from being used twice all the same.
        case any
    }

    /// Credentials whose form, realm, algorithm and nonce are right; the secret decides.
    public struct Claim: Sendable {
        public let credentials: Credentials
        let nonce: NonceIssuer.Nonce
        public var user: [UInt8] { self.credentials.username }
    }

    public enum Opening: Sendable {
        case ask(Claim)
        /// No credentials for us, or with `stale` a nonce that is no longer good: send the challenges.
        case challenge(stale: Bool)
        /// Answer 400.
        case malformed(ParseError)
    }

    public enum Verdict: Sendable, Equatable {
        case accepted(user: [UInt8])
        /// Wrong password or no such user: nothing tells which. Challenge again, or 403.
        case refused
        /// The password is right and the answer was used before: challenge with `stale=true`.
        case stale
    }

    public let realm: [UInt8]
    /// What is offered and accepted, the best first.
    public let algorithms: [DigestAlgorithm]
    public let qualities: [DigestQuality]
    /// Whether answers without qop (RFC 2069) are taken. They are good for one use each.
    public let takesNoQuality: Bool
    public let uriRule: URIRule
    private var issuer: NonceIssuer
    /// Stands in for the secret of a user that does not exist.
    private let decoy: [UInt8]

    /// - Parameter decoy: random bytes, at least 16.
    public init(
        realm: [UInt8], algorithms: [DigestAlgorithm] = [.sha256, .md5], qualities: [DigestQuality] = [.auth],
        takesNoQuality: Bool = false, uriRule: URIRule = .same, issuer: NonceIssuer, decoy: [UInt8]
    ) {
        self.realm = realm
        self.algorithms = algorithms
        self.qualities = qualities
        self.takesNoQuality = takesNoQuality
        self.uriRule = uriRule
        self.issuer = issuer
        self.decoy = decoy
    }

    /// One challenge for each algorithm, the best first (RFC 8760 §2.4); all with one nonce.
    public mutating func challenges(stale: Bool = false, at second: UInt64, to source: IPAddress?) -> [Challenge] {
        let nonce = self.issuer.issueBytes(at: second, to: source)
        return self.algorithms.map {
            Challenge(realm: self.realm, nonce: nonce, algorithm: $0, qualities: self.qualities, isStale: stale)
        }
    }

    /// Looks at everything that needs no secret.
    ///
    /// - Parameter headers: each Authorization (or Proxy-Authorization) header's value, parsed; those for other
    ///   realms are passed over, two for ours are an attempt to confuse.
    public func open(_ headers: [Credentials], for request: Request, at second: UInt64) -> Opening {
        let ours = headers.filter { $0.realm == self.realm }
        guard let credentials = ours.first else { return .challenge(stale: false) }
        guard ours.count == 1 else {
            return .malformed(ParseError(.duplicate, "credentials for one realm", found: self.realm))
        }
        guard let algorithm = credentials.algorithm, self.algorithms.contains(algorithm) else {
            return .challenge(stale: false)
        }
        if let name = credentials.qualityName {
            guard let quality = credentials.quality, self.qualities.contains(quality) else {
                return .malformed(ParseError(.unsupported, "qop of the credentials", found: name))
            }
            guard let count = credentials.countNumber, count > 0 else {
                return .malformed(ParseError(.malformed, "nc of the credentials", found: credentials.count ?? []))
            }
        } else if !self.takesNoQuality {
            return .challenge(stale: false)
        }
        guard !algorithm.isSession || credentials.clientNonce != nil else {
            return .malformed(ParseError(.missing, "cnonce of the credentials"))
        }
        guard self.uriRule == .any || credentials.uri == request.uri else {
            return .malformed(
                ParseError(.malformed, "uri of the credentials", expected: "the Request-URI", found: credentials.uri))
        }
        let nonce = credentials.nonce
        guard
            let known = self.issuer.check(nonce.span, ByteRange(0, nonce.count), at: second, from: request.source)
        else { return .challenge(stale: true) }
        return .ask(Claim(credentials: credentials, nonce: known))
    }

    /// Decides with the user's secret; `nil` when there is no such user.
    public mutating func settle(_ claim: Claim, secret: DigestSecret?, for request: Request) -> Verdict {
        let credentials = claim.credentials
        guard let algorithm = credentials.algorithm else { return .refused }
        let real = secret?.ha1(user: credentials.username, realm: self.realm, algorithm: algorithm)
        // The same hashes are computed when there is nobody to compare with; only the outcome is fixed.
        let ha1 =
            real
            ?? DigestSecret.password(self.decoy).ha1(
                user: credentials.username, realm: self.realm, algorithm: algorithm)
            ?? []
        let response = DigestResponse(
            algorithm: algorithm, nonce: credentials.nonce, method: request.method, uri: credentials.uri,
            quality: credentials.quality, count: credentials.count ?? [], clientNonce: credentials.clientNonce ?? [],
            body: request.body)
        let isRight = ConstantTime.equal(response.value(ha1: ha1).span, credentials.response.span)
        guard isRight, real != nil else { return .refused }
        guard self.issuer.use(claim.nonce, count: credentials.quality == nil ? nil : credentials.countNumber) else {
            return .stale
        }
        return .accepted(user: credentials.username)
    }
}
