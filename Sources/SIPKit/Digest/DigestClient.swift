/// The client's side of Digest: takes challenges in, gives credentials out (RFC 3261 §22.2 and §22.3, RFC 7616).
///
/// It remembers each realm's challenge, so that a request that was challenged by a proxy (407) and then by the server
/// (401) carries both answers, and so that later requests need no new challenge. Randomness is handed in.
public struct DigestClient: Sendable {
    public enum Party: Sendable, Hashable {
        /// 401, WWW-Authenticate, Authorization.
        case server
        /// 407, Proxy-Authenticate, Proxy-Authorization.
        case proxy
    }

    /// Why a challenge gets no answer.
    public enum Refusal: Error, Equatable, Sendable {
        /// There is no Digest challenge in the response.
        case noChallenge
        /// No challenge asks for a hash and a quality that we can do and may use.
        case unsupported
        /// The same realm asks again: user or password are wrong.
        case rejected(realm: [UInt8])
        /// The server calls nonce after nonce stale.
        case staleAgain(realm: [UInt8])
    }

    public struct Answer: Sendable, Equatable {
        public let party: Party
        public let credentials: Credentials
    }

    private struct Session: Sendable {
        var party: Party
        var challenge: Challenge
        var algorithm: DigestAlgorithm
        var quality: DigestQuality?
        /// How often the nonce was used.
        var count: UInt32 = 0
        /// A -sess algorithm hashes the first client nonce into HA1, so it stays.
        var clientNonce: [UInt8]?
        var answeredThisRequest = false
        var staleThisRequest = false
    }

    public let username: [UInt8]
    public let secret: DigestSecret
    /// What may be used. Leave MD5 out to refuse weak servers.
    public var algorithms: [DigestAlgorithm]
    /// What may be used, the preferred first.
    public var qualities: [DigestQuality]
    private var sessions: [Session] = []

    public init(
        username: [UInt8], secret: DigestSecret, algorithms: [DigestAlgorithm] = DigestAlgorithm.allCases,
        qualities: [DigestQuality] = [.auth, .authInt]
    ) {
        self.username = username
        self.secret = secret
        self.algorithms = algorithms
        self.qualities = qualities
    }

    /// A new request begins: a challenge to it is not a rejection of earlier answers.
    public mutating func begin() {
        for index in self.sessions.indices {
            self.sessions[index].answeredThisRequest = false
            self.sessions[index].staleThisRequest = false
        }
    }

    /// Takes the challenges of one 401 or 407 in.
    ///
    /// Of the challenges of one realm the strongest that can be done is chosen, of equals the first. Several realms
    /// (several proxies) are all answered.
    public mutating func challenged(_ challenges: [Challenge], by party: Party) throws(Refusal) {
        guard !challenges.isEmpty else { throw .noChallenge }
        var realms: [[UInt8]] = []
        for challenge in challenges where !realms.contains(challenge.realm) { realms.append(challenge.realm) }
        var answerable = 0
        for realm in realms {
            guard let chosen = self.choose(challenges.filter { $0.realm == realm }) else { continue }
            try self.take(chosen, by: party)
            answerable += 1
        }
        guard answerable > 0 else { throw .unsupported }
    }

    private mutating func take(_ next: Session, by party: Party) throws(Refusal) {
        var next = next
        next.party = party
        let realm = next.challenge.realm
        guard let index = self.sessions.firstIndex(where: { $0.party == party && $0.challenge.realm == realm }) else {
            self.sessions.append(next)
            return
        }
        let old = self.sessions[index]
        if old.answeredThisRequest {
            guard next.challenge.isStale else { throw .rejected(realm: realm) }
            guard !old.staleThisRequest else { throw .staleAgain(realm: realm) }
            next.staleThisRequest = true
        }
        if old.challenge.nonce == next.challenge.nonce { next.count = old.count }
        self.sessions[index] = next
    }

    private func choose(_ challenges: [Challenge]) -> Session? {
        var best: Session?
        for challenge in challenges {
            guard let algorithm = challenge.algorithm, self.algorithms.contains(algorithm) else { continue }
            if case .ha1(_, let made) = self.secret, made.base != algorithm.base { continue }
            var quality: DigestQuality?
            if challenge.hasQuality {
                guard let shared = self.qualities.first(where: { challenge.qualities.contains($0) }) else { continue }
                quality = shared
            }
            if let best, best.algorithm.strength >= algorithm.strength { continue }
            best = Session(party: .server, challenge: challenge, algorithm: algorithm, quality: quality)
        }
        return best
    }

    /// The server names the nonce for the next request (Authentication-Info, RFC 7616 §3.5).
    public mutating func received(nextNonce: [UInt8], realm: [UInt8]?, from party: Party) {
        for index in self.sessions.indices where self.sessions[index].party == party {
            guard realm == nil || self.sessions[index].challenge.realm == realm else { continue }
            guard self.sessions[index].challenge.nonce != nextNonce else { continue }
            self.sessions[index].challenge.nonce = nextNonce
            self.sessions[index].count = 0
            self.sessions[index].clientNonce = nil
        }
    }

    /// Credentials for a request that is about to be sent: one for each realm that has challenged so far.
    ///
    /// - Parameter clientNonce: fresh random text for this request; at least 64 bits of it.
    public mutating func answers(method: [UInt8], uri: [UInt8], body: [UInt8], clientNonce: [UInt8]) -> [Answer] {
        self.sessions.indices.compactMap { index in
            self.answer(&self.sessions[index], method: method, uri: uri, body: body, clientNonce: clientNonce)
        }
    }

    private func answer(
        _ session: inout Session, method: [UInt8], uri: [UInt8], body: [UInt8], clientNonce: [UInt8]
    ) -> Answer? {
        let (algorithm, challenge) = (session.algorithm, session.challenge)
        guard let ha1 = self.secret.ha1(user: self.username, realm: challenge.realm, algorithm: algorithm) else {
            return nil
        }
        session.count &+= 1
        session.answeredThisRequest = true
        let fresh = algorithm.isSession ? session.clientNonce ?? clientNonce : clientNonce
        session.clientNonce = fresh
        // RFC 2069 knows neither, but a -sess hash needs the client nonce even so.
        let usesNonce = session.quality != nil || algorithm.isSession
        let count = session.quality == nil ? nil : Self.digits(session.count)
        let response = DigestResponse(
            algorithm: algorithm, nonce: challenge.nonce, method: method, uri: uri, quality: session.quality,
            count: count ?? [], clientNonce: fresh, body: body
        ).value(ha1: ha1)
        let name =
            challenge.wantsUserHash ? algorithm.hex(self.username + [ASCII.colon] + challenge.realm) : self.username
        let credentials = Credentials(
            username: name, isUserHashed: challenge.wantsUserHash, challenge: challenge, algorithm: algorithm, uri: uri,
            quality: session.quality, clientNonce: usesNonce ? fresh : nil, count: count, response: response)
        return Answer(party: session.party, credentials: credentials)
    }

    private static func digits(_ count: UInt32) -> [UInt8] {
        (0..<8).map { ASCII.hexDigit(UInt8(truncatingIfNeeded: count >> UInt32((7 - $0) * 4))) }
    }

    /// Whether any realm has challenged yet.
    public var isEmpty: Bool { self.sessions.isEmpty }
    /// The hashes and qualities in use, for reports.
    public var algorithmsInUse: [(DigestAlgorithm, DigestQuality?)] { self.sessions.map { ($0.algorithm, $0.quality) } }
}
