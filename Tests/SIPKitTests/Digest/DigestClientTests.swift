import Testing

@testable import SIPKit

@Suite("The client's side of Digest")
struct DigestClientTests {
    var client = DigestClient(username: bytes("bob"), secret: .password(bytes("secret")))

    func credentials(_ client: inout DigestClient) -> [Credentials] {
        client.answers(method: bytes("REGISTER"), uri: bytes("sip:h"), body: [], clientNonce: bytes("c")).map(\.credentials)
    }

    @Test("answers the strongest challenge that it can do")
    mutating func strongest() throws {
        try self.client.challenged(
            challenges(
                #"Digest realm="r", nonce="1", algorithm=MD5, Digest realm="r", nonce="2", algorithm=SHA-999, "#
                    + #"Digest realm="r", nonce="3", algorithm=SHA-256, Digest realm="r", nonce="4", algorithm=SHA-256"#),
            by: .server)
        let answers = self.credentials(&self.client)
        #expect(answers.map(\.nonce) == [bytes("3")])
        #expect(answers.first?.algorithm == .sha256)
    }

    @Test("prefers auth, takes auth-int where nothing else is offered, refuses qualities it does not know")
    mutating func qualities() throws {
        try self.client.challenged(challenges(#"Digest realm="r", nonce="1", qop="auth-int,auth""#), by: .server)
        #expect(self.credentials(&self.client).first?.quality == .auth)
        var second = DigestClient(username: bytes("bob"), secret: .password(bytes("secret")))
        try second.challenged(challenges(#"Digest realm="r", nonce="1", qop="auth-int""#), by: .server)
        #expect(self.credentials(&second).first?.quality == .authInt)
        var third = DigestClient(username: bytes("bob"), secret: .password(bytes("secret")))
        #expect(throws: DigestClient.Refusal.unsupported) {
            try third.challenged(challenges(#"Digest realm="r", nonce="1", qop="auth-conf""#), by: .server)
        }
    }

    @Test("counts the uses of a nonce and begins again with a new one")
    mutating func counting() throws {
        try self.client.challenged(challenges(#"Digest realm="r", nonce="1", qop="auth""#), by: .server)
        #expect(self.credentials(&self.client).first?.count == bytes("00000001"))
        #expect(self.credentials(&self.client).first?.count == bytes("00000002"))
        self.client.received(nextNonce: bytes("2"), realm: nil, from: .server)
        let next = self.credentials(&self.client).first
        #expect(next?.nonce == bytes("2"))
        #expect(next?.count == bytes("00000001"))
    }

    @Test("answers proxy and server at once when both have asked")
    mutating func both() throws {
        try self.client.challenged(challenges(#"Digest realm="p", nonce="1", qop="auth""#), by: .proxy)
        _ = self.credentials(&self.client)
        try self.client.challenged(challenges(#"Digest realm="s", nonce="2", qop="auth""#), by: .server)
        let answers = self.client.answers(method: bytes("INVITE"), uri: bytes("sip:h"), body: [], clientNonce: bytes("c"))
        #expect(answers.map(\.party) == [.proxy, .server])
        #expect(answers.map(\.credentials.realm) == [bytes("p"), bytes("s")])
        #expect(answers.map(\.credentials.count) == [bytes("00000002"), bytes("00000001")])
    }

    @Test("gives up when the same realm asks again, but follows stale once")
    mutating func staleOnce() throws {
        let first = challenges(#"Digest realm="r", nonce="1", qop="auth""#)
        let stale = challenges(#"Digest realm="r", nonce="2", qop="auth", stale=true"#)
        try self.client.challenged(first, by: .server)
        _ = self.credentials(&self.client)
        try self.client.challenged(stale, by: .server)
        #expect(self.credentials(&self.client).first?.nonce == bytes("2"))
        #expect(throws: DigestClient.Refusal.staleAgain(realm: bytes("r"))) {
            try self.client.challenged(stale, by: .server)
        }
        #expect(throws: DigestClient.Refusal.rejected(realm: bytes("r"))) {
            try self.client.challenged(first, by: .server)
        }
        // A later request may be challenged anew: its first answer came from memory.
        self.client.begin()
        try self.client.challenged(first, by: .server)
    }

    @Test("answers without qop as RFC 2069 does: no nc, no cnonce")
    mutating func old() throws {
        try self.client.challenged(challenges(#"Digest realm="r", nonce="1""#), by: .server)
        let answer = self.credentials(&self.client).first
        #expect(answer?.count == nil)
        #expect(answer?.clientNonce == nil)
        #expect(answer?.quality == nil)
    }

    @Test("with a stored hash answers only challenges of that hash")
    func storedHash() throws {
        let ha1 = DigestAlgorithm.md5.hex(bytes("bob:r:secret"))
        var client = DigestClient(username: bytes("bob"), secret: .ha1(ha1, .md5))
        try client.challenged(
            challenges(#"Digest realm="r", nonce="1", algorithm=SHA-256, Digest realm="r", nonce="2", algorithm=MD5"#),
            by: .server)
        #expect(self.credentials(&client).map(\.nonce) == [bytes("2")])
        #expect(throws: DigestClient.Refusal.unsupported) {
            try client.challenged(challenges(#"Digest realm="q", nonce="1", algorithm=SHA-256"#), by: .server)
        }
    }

    @Test("hides the user's name where the server asks for its hash")
    mutating func userHash() throws {
        try self.client.challenged(challenges(#"Digest realm="r", nonce="1", qop="auth", userhash=true"#), by: .server)
        let answer = self.credentials(&self.client).first
        #expect(answer?.isUserHashed == true)
        #expect(answer?.username == DigestAlgorithm.md5.hex(bytes("bob:r")))
    }

    @Test("refuses where there is no Digest challenge at all")
    mutating func none() {
        #expect(throws: DigestClient.Refusal.noChallenge) {
            try self.client.challenged(challenges(#"Basic realm="x""#), by: .server)
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
