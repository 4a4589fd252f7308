import Testing

@testable import SIPKit

@Suite("The client's side of Digest")
struct DigestClientTests {
    /// A client that is asked inside expectations, where nothing can be changed in place.
    final class Asked {
        var client: DigestClient

        init(_ secret: DigestSecret = .password(bytes("secret"))) {
            self.client = DigestClient(username: bytes("bob"), secret: secret)
        }

        func challenged(_ text: String, by party: DigestClient.Party = .server) throws {
            try self.client.challenged(challenges(text), by: party)
        }

        func credentials() -> [Credentials] {
            self.client.answers(
                method: bytes("REGISTER"), uri: bytes("sip:h"), body: [], clientNonce: bytes("c")
            ).map(\.credentials)
        }
    }

    let client = Asked()

    @Test("answers the strongest challenge that it can do")
    func strongest() throws {
        try self.client.challenged(
            #"Digest realm="r", nonce="1", algorithm=MD5, Digest realm="r", nonce="2", algorithm=SHA-999, "#
                + #"Digest realm="r", nonce="3", algorithm=SHA-256, Digest realm="r", nonce="4", algorithm=SHA-256"#)
        let answers = self.client.credentials()
        #expect(answers.map(\.nonce) == [bytes("3")])
        #expect(answers.first?.algorithm == .sha256)
    }

    @Test("prefers auth, takes auth-int where nothing else is offered, refuses qualities it does not know")
    func qualities() throws {
        try self.client.challenged(#"Digest realm="r", nonce="1", qop="auth-int,auth""#)
        #expect(self.client.credentials().first?.quality == .auth)
        let second = Asked()
        try second.challenged(#"Digest realm="r", nonce="1", qop="auth-int""#)
        #expect(second.credentials().first?.quality == .authInt)
        let third = Asked()
        #expect(throws: DigestClient.Refusal.unsupported) {
            try third.challenged(#"Digest realm="r", nonce="1", qop="auth-conf""#)
        }
    }

    @Test("counts the uses of a nonce and begins again with a new one")
    func counting() throws {
        try self.client.challenged(#"Digest realm="r", nonce="1", qop="auth""#)
        #expect(self.client.credentials().first?.count == bytes("00000001"))
        #expect(self.client.credentials().first?.count == bytes("00000002"))
        self.client.client.received(nextNonce: bytes("2"), realm: nil, from: .server)
        let next = self.client.credentials().first
        #expect(next?.nonce == bytes("2"))
        #expect(next?.count == bytes("00000001"))
    }

    @Test("answers proxy and server at once when both have asked")
    func both() throws {
        try self.client.challenged(#"Digest realm="p", nonce="1", qop="auth""#, by: .proxy)
        _ = self.client.credentials()
        try self.client.challenged(#"Digest realm="s", nonce="2", qop="auth""#)
        let answers = self.client.client.answers(
            method: bytes("INVITE"), uri: bytes("sip:h"), body: [], clientNonce: bytes("c"))
        #expect(answers.map(\.party) == [.proxy, .server])
        #expect(answers.map(\.credentials.realm) == [bytes("p"), bytes("s")])
        #expect(answers.map(\.credentials.count) == [bytes("00000002"), bytes("00000001")])
    }

    @Test("gives up when the same realm asks again, but follows stale once")
    func staleOnce() throws {
        let first = #"Digest realm="r", nonce="1", qop="auth""#
        let stale = #"Digest realm="r", nonce="2", qop="auth", stale=true"#
        try self.client.challenged(first)
        _ = self.client.credentials()
        try self.client.challenged(stale)
        #expect(self.client.credentials().first?.nonce == bytes("2"))
        #expect(throws: DigestClient.Refusal.staleAgain(realm: bytes("r"))) {
            try self.client.challenged(stale)
        }
        #expect(throws: DigestClient.Refusal.rejected(realm: bytes("r"))) {
            try self.client.challenged(first)
        }
        // A later request may be challenged anew: its first answer came from memory.
        self.client.client.begin()
        try self.client.challenged(first)
    }

    @Test("answers without qop as RFC 2069 does: no nc, no cnonce")
    func old() throws {
        try self.client.challenged(#"Digest realm="r", nonce="1""#)
        let answer = self.client.credentials().first
        #expect(answer?.count == nil)
        #expect(answer?.clientNonce == nil)
        #expect(answer?.quality == nil)
    }

    @Test("with a stored hash answers only challenges of that hash")
    func storedHash() throws {
        let ha1 = DigestAlgorithm.md5.hex(bytes("bob:r:secret"))
        let client = Asked(.ha1(ha1, .md5))
        try client.challenged(
            #"Digest realm="r", nonce="1", algorithm=SHA-256, Digest realm="r", nonce="2", algorithm=MD5"#)
        #expect(client.credentials().map(\.nonce) == [bytes("2")])
        #expect(throws: DigestClient.Refusal.unsupported) {
            try client.challenged(#"Digest realm="q", nonce="1", algorithm=SHA-256"#)
        }
    }

    @Test("hides the user's name where the server asks for its hash")
    func userHash() throws {
        try self.client.challenged(#"Digest realm="r", nonce="1", qop="auth", userhash=true"#)
        let answer = self.client.credentials().first
        #expect(answer?.isUserHashed == true)
        #expect(answer?.username == DigestAlgorithm.md5.hex(bytes("bob:r")))
    }

    @Test("refuses where there is no Digest challenge at all")
    func none() {
        #expect(throws: DigestClient.Refusal.noChallenge) {
            try self.client.challenged(#"Basic realm="x""#)
        }
    }

    @Test("gives what the server's side accepts, for every algorithm and quality")
    func agreesWithVerifier() throws {
        for algorithm in DigestAlgorithm.allCases {
            for qualities in [[DigestQuality.auth], [.authInt], []] {
                var verifier = DigestVerifier(
                    realm: bytes("r"), algorithms: [algorithm], qualities: qualities, takesNoQuality: true,
                    issuer: NonceIssuer(key: (1, 2)), decoy: bytes("decoy"))
                var client = DigestClient(username: bytes("bob"), secret: .password(bytes("secret")))
                let request = DigestVerifier.Request(method: bytes("INVITE"), uri: bytes("sip:h"), body: bytes("v=0"))
                try client.challenged(verifier.challenges(at: 100, to: nil), by: .server)
                let answers = client.answers(
                    method: request.method, uri: request.uri, body: request.body, clientNonce: bytes("c"))
                var output = ByteWriter()
                try #require(answers.first).credentials.write(to: &output)
                var cursor = ByteCursor(output.bytes.span)
                let read = try Credentials(parsing: &cursor)
                #expect(read == answers.first?.credentials)
                guard case .ask(let claim) = verifier.open([read], for: request, at: 101) else {
                    Issue.record("\(algorithm) \(qualities) was not taken up")
                    continue
                }
                let verdict = verifier.settle(claim, secret: .password(bytes("secret")), for: request)
                #expect(verdict == .accepted(user: bytes("bob")), "\(algorithm) \(qualities)")
            }
        }
    }
}
