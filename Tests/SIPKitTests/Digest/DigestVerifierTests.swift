import Testing

@testable import SIPKit

/// One attempt to get in: what is changed before the answer is computed, after it, or in the request.
struct Attempt: Sendable, CustomTestStringConvertible {
    enum Outcome: Sendable, Equatable { case accepted, refused, challenged, stale, malformed }
    var name: String
    var outcome: Outcome
    var algorithms: [DigestAlgorithm] = [.sha256, .md5]
    var takesNoQuality = false
    /// The client's challenge list, tampered with by somebody between.
    var challenge: @Sendable (inout [Challenge]) -> Void = { _ in }
    var user = "bob"
    var password = "secret"
    var answer: @Sendable (inout Credentials) -> Void = { _ in }
    var headers: @Sendable (inout [Credentials]) -> Void = { _ in }
    var request: @Sendable (inout DigestVerifier.Request) -> Void = { _ in }
    var second: UInt64 = 1010
    var times = 1
    var testDescription: String { self.name }
}

@Suite("The server's side of Digest, under attack")
struct DigestVerifierTests {
    static let attempts: [Attempt] = [
        Attempt(name: "the right password", outcome: .accepted),
        Attempt(name: "the right password with MD5", outcome: .accepted, challenge: { $0.removeFirst() }),
        Attempt(name: "a wrong password", outcome: .refused, password: "Secret"),
        Attempt(name: "an empty password", outcome: .refused, password: ""),
        Attempt(name: "an unknown user", outcome: .refused, user: "eve"),
        Attempt(name: "an unknown user with a known password", outcome: .refused, user: "bob2"),
        Attempt(name: "an empty user", outcome: .refused, user: ""),
        Attempt(name: "the same user in another case", outcome: .refused, user: "Bob"),
        Attempt(name: "a canonically equal user", outcome: .refused, user: "bo\u{62}\u{301}"),
        Attempt(name: "a user with a colon that moves the realm", outcome: .refused, user: "bob:r"),
        Attempt(name: "another realm", outcome: .challenged, answer: { $0.realm = bytes("other") }),
        Attempt(name: "the realm in another case", outcome: .challenged, answer: { $0.realm = bytes("R") }),
        Attempt(name: "an empty realm", outcome: .challenged, answer: { $0.realm = [] }),
        Attempt(name: "no credentials", outcome: .challenged, headers: { $0 = [] }),
        Attempt(name: "two credentials for our realm", outcome: .malformed, headers: { $0 += $0 }),
        Attempt(
            name: "credentials for another realm before ours", outcome: .accepted,
            headers: {
                var other = $0[0]
                other.realm = bytes("elsewhere")
                $0.insert(other, at: 0)
            }),
        Attempt(name: "a replayed answer", outcome: .stale, times: 2),
        Attempt(name: "an old nonce", outcome: .stale, second: 9999),
        Attempt(name: "a nonce from the future", outcome: .stale, second: 999),
        Attempt(name: "a nonce given to another address", outcome: .stale, request: { $0.source = IPAddress(v4: 9) }),
        Attempt(name: "a nonce of the client's own", outcome: .stale, answer: { $0.nonce = bytes("mine") }),
        Attempt(name: "an empty nonce", outcome: .stale, answer: { $0.nonce = [] }),
        Attempt(name: "a nonce with one digit changed", outcome: .stale, answer: { $0.nonce[3] ^= 1 }),
        Attempt(name: "another method", outcome: .refused, request: { $0.method = bytes("BYE") }),
        Attempt(name: "another Request-URI", outcome: .malformed, request: { $0.uri = bytes("sip:eve@h") }),
        Attempt(name: "another uri in the answer", outcome: .malformed, answer: { $0.uri = bytes("sip:eve@h") }),
        Attempt(
            name: "another uri in both places", outcome: .refused, answer: { $0.uri = bytes("sip:eve@h") },
            request: { $0.uri = bytes("sip:eve@h") }),
        Attempt(name: "another algorithm for the same answer", outcome: .refused, answer: { $0.algorithm = .md5 }),
        Attempt(
            name: "MD5 where only SHA-256 was offered", outcome: .challenged, algorithms: [.sha256],
            challenge: {
                $0[0].algorithm = .md5
                $0[0].algorithmName = nil
            }),
        Attempt(name: "an algorithm nobody knows", outcome: .challenged, answer: { $0.algorithm = nil }),
        Attempt(
            name: "a session algorithm that was not offered", outcome: .challenged,
            answer: { $0.algorithm = .md5Session }),
        Attempt(
            name: "no qop where one was offered", outcome: .challenged,
            challenge: { $0 = $0.map { Challenge(realm: $0.realm, nonce: $0.nonce, qualities: []) } }),
        Attempt(
            name: "no qop where that is allowed", outcome: .accepted, takesNoQuality: true,
            challenge: { $0 = $0.map { Challenge(realm: $0.realm, nonce: $0.nonce, qualities: []) } }),
        Attempt(
            name: "no qop, twice", outcome: .stale, takesNoQuality: true,
            challenge: { $0 = $0.map { Challenge(realm: $0.realm, nonce: $0.nonce, qualities: []) } }, times: 2),
        Attempt(
            name: "a qop that was not offered", outcome: .malformed,
            challenge: { $0 = $0.map { Challenge(realm: $0.realm, nonce: $0.nonce, qualities: [.authInt]) } }),
        Attempt(
            name: "a qop nobody knows", outcome: .malformed,
            answer: {
                $0.quality = nil
                $0.qualityName = bytes("auth-conf")
            }),
        Attempt(name: "nc of zero", outcome: .malformed, answer: { $0.count = bytes("00000000") }),
        Attempt(name: "nc that is no number", outcome: .malformed, answer: { $0.count = bytes("xyz") }),
        Attempt(name: "nc of nine digits", outcome: .malformed, answer: { $0.count = bytes("000000001") }),
        Attempt(name: "another nc for the same answer", outcome: .refused, answer: { $0.count = bytes("00000002") }),
        Attempt(name: "another cnonce for the same answer", outcome: .refused, answer: { $0.clientNonce = bytes("d") }),
        Attempt(name: "an empty response", outcome: .refused, answer: { $0.response = [] }),
        Attempt(name: "a response one digit short", outcome: .refused, answer: { $0.response.removeLast() }),
        Attempt(name: "a response one digit long", outcome: .refused, answer: { $0.response.append(0x30) }),
        Attempt(
            name: "a response of 100,000 digits", outcome: .refused,
            answer: { $0.response = .init(repeating: 0x61, count: 100_000) }),
        Attempt(
            name: "a response of zeros", outcome: .refused, answer: { $0.response = .init(repeating: 0x30, count: 64) }),
    ]

    @Test("lets in who knows the password, once, and nobody else", arguments: attempts)
    func abuse(_ attempt: Attempt) throws {
        var verifier = DigestVerifier(
            realm: bytes("r"), algorithms: attempt.algorithms, takesNoQuality: attempt.takesNoQuality,
            issuer: NonceIssuer(key: (5, 6)), decoy: bytes("0123456789abcdef"))
        var request = DigestVerifier.Request(
            method: bytes("REGISTER"), uri: bytes("sip:h"), source: IPAddress(v4: 0x7F00_0001))
        var offered = verifier.challenges(at: 1000, to: request.source)
        attempt.challenge(&offered)
        var client = DigestClient(username: bytes(attempt.user), secret: .password(bytes(attempt.password)))
        try client.challenged(offered, by: .server)
        let answers = client.answers(method: request.method, uri: request.uri, body: [], clientNonce: bytes("c"))
        var credentials = try #require(answers.first).credentials
        attempt.answer(&credentials)
        var headers = [credentials]
        attempt.headers(&headers)
        attempt.request(&request)

        var outcome = Attempt.Outcome.challenged
        for _ in 0..<attempt.times {
            outcome = Self.judge(&verifier, headers, request, at: attempt.second)
        }
        #expect(outcome == attempt.outcome)
    }

    static func judge(
        _ verifier: inout DigestVerifier, _ headers: [Credentials], _ request: DigestVerifier.Request, at second: UInt64
    ) -> Attempt.Outcome {
        switch verifier.open(headers, for: request, at: second) {
        case .challenge(let stale): return stale ? .stale : .challenged
        case .malformed: return .malformed
        case .ask(let claim):
            let secret: DigestSecret? = claim.user == bytes("bob") ? .password(bytes("secret")) : nil
            switch verifier.settle(claim, secret: secret, for: request) {
            case .accepted(let user):
                #expect(user == bytes("bob"))
                return .accepted
            case .refused: return .refused
            case .stale: return .stale
            }
        }
    }

    @Test("does not use a count up for a wrong answer")
    func countsStay() throws {
        var verifier = DigestVerifier(realm: bytes("r"), issuer: NonceIssuer(key: (5, 6)), decoy: bytes("d"))
        let request = DigestVerifier.Request(method: bytes("REGISTER"), uri: bytes("sip:h"))
        let offered = verifier.challenges(at: 1000, to: nil)
        func answer(_ password: String) throws -> Credentials {
            var client = DigestClient(username: bytes("bob"), secret: .password(bytes(password)))
            try client.challenged(offered, by: .server)
            let answers = client.answers(method: request.method, uri: request.uri, body: [], clientNonce: bytes("c"))
            return try #require(answers.first).credentials
        }
        let wrong = Self.judge(&verifier, [try answer("wrong")], request, at: 1000)
        #expect(wrong == .refused)
        let right = Self.judge(&verifier, [try answer("secret")], request, at: 1000)
        #expect(right == .accepted)
    }

    @Test("does not accept the decoy as anybody's password")
    func decoy() throws {
        var verifier = DigestVerifier(realm: bytes("r"), issuer: NonceIssuer(key: (5, 6)), decoy: bytes("decoy"))
        let request = DigestVerifier.Request(method: bytes("REGISTER"), uri: bytes("sip:h"))
        var client = DigestClient(username: bytes("eve"), secret: .password(bytes("decoy")))
        try client.challenged(verifier.challenges(at: 1000, to: nil), by: .server)
        let answers = client.answers(method: request.method, uri: request.uri, body: [], clientNonce: bytes("c"))
        let outcome = Self.judge(&verifier, answers.map(\.credentials), request, at: 1000)
        #expect(outcome == .refused)
    }
}
