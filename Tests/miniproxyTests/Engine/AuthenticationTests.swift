import SIPKit
import Testing

@testable import miniproxy

@Suite("Digest at the registrar (default script with --user)")
struct AuthenticationTests {
    typealias H = ShardHarness

    private func register(
        _ proxy: inout H, user: String, password: String, branch: String, cSeq: Int, nonce: String? = nil
    ) -> [H.Sent] {
        var headers = "Contact: <sip:\(user)@127.0.0.1:6001>\r\n"
        if let nonce {
            let ha1 = DigestAlgorithm.md5.hex(Array("\(user):127.0.0.1:\(password)".utf8))
            let ha2 = DigestAlgorithm.md5.hex(Array("REGISTER:sip:127.0.0.1:5060".utf8))
            let response = DigestAlgorithm.md5.hex(ha1 + Array(":\(nonce):00000001:abc:auth:".utf8) + ha2)
            headers +=
                "Authorization: Digest username=\"\(user)\", realm=\"127.0.0.1\", nonce=\"\(nonce)\", uri=\"sip:127.0.0.1:5060\", qop=auth, nc=00000001, cnonce=\"abc\", response=\"\(String(decoding: response, as: UTF8.self))\"\r\n"
        }
        return proxy.receive(
            H.request(
                "REGISTER", "sip:127.0.0.1:5060", from: "alice", to: "alice", at: H.alice, branch: branch, cSeq: cSeq,
                headers: headers),
            from: H.alice)
    }

    private func nonce(_ sent: [H.Sent]) throws -> String {
        let line = try #require(sent.first?.header(.wwwAuthenticate))
        let start = try #require(line.firstRange(of: "nonce=\""))
        return String(line[start.upperBound...].prefix { $0 != "\"" })
    }

    @Test("without credentials: 401 with a nonce; with good ones: 200 and the binding")
    func good() throws {
        var proxy = try H(users: ["alice:secret"])
        let challenge = self.register(&proxy, user: "alice", password: "", branch: "z9hG4bK1", cSeq: 1)
        #expect(challenge.map(\.startLine) == ["SIP/2.0 401 Unauthorized"])
        let ok = self.register(
            &proxy, user: "alice", password: "secret", branch: "z9hG4bK2", cSeq: 2, nonce: try self.nonce(challenge))
        #expect(ok.map(\.startLine) == ["SIP/2.0 200 OK"])
        #expect(ok.first?.header(.contact) == "<sip:alice@127.0.0.1:6001>;expires=3600")
    }

    @Test("a wrong password and an unknown user get the same answer")
    func refused() throws {
        var proxy = try H(users: ["alice:secret"])
        let first = self.register(&proxy, user: "alice", password: "", branch: "z9hG4bK1", cSeq: 1)
        let wrong = self.register(
            &proxy, user: "alice", password: "guess", branch: "z9hG4bK2", cSeq: 2, nonce: try self.nonce(first))
        let unknown = self.register(
            &proxy, user: "mallory", password: "guess", branch: "z9hG4bK3", cSeq: 3, nonce: try self.nonce(wrong))
        #expect(wrong.map(\.startLine) == ["SIP/2.0 401 Unauthorized"])
        #expect(unknown.map(\.startLine) == ["SIP/2.0 401 Unauthorized"])
        #expect(wrong.first?.header(.wwwAuthenticate).contains("stale") == false)
    }

    @Test("an answer that was used before is stale")
    func replay() throws {
        var proxy = try H(users: ["alice:secret"])
        let nonce = try self.nonce(self.register(&proxy, user: "alice", password: "", branch: "z9hG4bK1", cSeq: 1))
        _ = self.register(&proxy, user: "alice", password: "secret", branch: "z9hG4bK2", cSeq: 2, nonce: nonce)
        let again = self.register(&proxy, user: "alice", password: "secret", branch: "z9hG4bK3", cSeq: 3, nonce: nonce)
        #expect(again.map(\.startLine) == ["SIP/2.0 401 Unauthorized"])
        #expect(again.first?.header(.wwwAuthenticate).contains("stale=true") == true)
    }

    @Test("nobody registers for somebody else")
    func somebodyElse() throws {
        var proxy = try H(users: ["alice:secret", "bob:pw"])
        let nonce = try self.nonce(self.register(&proxy, user: "bob", password: "", branch: "z9hG4bK1", cSeq: 1))
        let sent = self.register(&proxy, user: "bob", password: "pw", branch: "z9hG4bK2", cSeq: 2, nonce: nonce)
        #expect(sent.map(\.startLine) == ["SIP/2.0 403 Register Only Yourself"])
    }

    @Test("a user who is known and away is 480, one whom nobody knows is 404")
    func away() throws {
        var proxy = try H(users: ["bob:pw"])
        let call = H.request("INVITE", "sip:bob@127.0.0.1:5060", from: "x", at: H.alice).replacing(
            "<sip:x@127.0.0.1:5060>", with: "<sip:x@192.0.2.9>")
        #expect(proxy.receive(call, from: H.alice).map(\.startLine) == ["SIP/2.0 480 Temporarily Unavailable"])
        let other = call.replacing("sip:bob@", with: "sip:nobody@").replacing("z9hG4bKone", with: "z9hG4bKtwo")
        #expect(proxy.receive(other, from: H.alice).map(\.startLine) == ["SIP/2.0 404 Not Found"])
    }
}

@Suite("The registrar (RFC 3261 §10.3)")
struct RegistrarTests {
    typealias H = ShardHarness

    private func contacts(_ sent: [H.Sent]) -> String { sent.first?.header(.contact) ?? "" }

    @Test("bindings are listed by q, then the newest first; expires counts down")
    func list() throws {
        var proxy = try H()
        _ = proxy.register("bob", at: H.bob, expires: 600, q: "0.5")
        _ = proxy.wait(milliseconds: 100_000)
        let sent = proxy.register("bob", at: H.carol, expires: 300, q: "0.9")
        #expect(
            self.contacts(sent)
                == "<sip:bob@127.0.0.1:6003>;q=0.9;expires=300, <sip:bob@127.0.0.1:6002>;q=0.5;expires=500")
    }

    @Test("expires 0 removes one binding, `*` removes all, and a binding ends by itself")
    func removal() throws {
        var proxy = try H()
        _ = proxy.register("bob", at: H.bob, expires: 600)
        _ = proxy.register("bob", at: H.carol, expires: 60)
        _ = proxy.wait(milliseconds: 1_000)
        #expect(self.contacts(proxy.register("bob", at: H.bob, expires: 0)) == "<sip:bob@127.0.0.1:6003>;expires=59")
        _ = proxy.wait(milliseconds: 60_000)
        let call = H.request("INVITE", "sip:bob@127.0.0.1:5060", at: H.alice)
        #expect(proxy.receive(call, from: H.alice).map(\.startLine) == ["SIP/2.0 480 Temporarily Unavailable"])
        _ = proxy.register("bob", at: H.bob, expires: 600)
        let star = H.request(
            "REGISTER", "sip:127.0.0.1:5060", from: "bob", to: "bob", at: H.bob, branch: "z9hG4bKstar", callID: "star",
            cSeq: 1,
            headers: "Contact: *\r\nExpires: 0\r\n")
        let sent = proxy.receive(star, from: H.bob)
        #expect(sent.map(\.startLine) == ["SIP/2.0 200 OK"])
        #expect(self.contacts(sent).isEmpty)
    }

    @Test(
        "what is refused has changed nothing",
        arguments: [
            ("Contact: *\r\nExpires: 60\r\n", "* used in contact and expires is not zero"),
            (
                "Contact: *\r\nContact: <sip:bob@127.0.0.1:1>\r\nExpires: 0\r\n",
                "* used in contact and more than 1 contact"
            ),
            ("Contact: <sip:bob@127.0.0.1:1>;q=7\r\n", "Invalid q param in contact"),
            ("Contact: <sip:bob@127.0.0.1:1>, <bad\r\n", "Contact parse error"),
        ])
    func refused(_ headers: String, _ reason: String) throws {
        var proxy = try H()
        _ = proxy.register("bob", at: H.bob, expires: 600)
        let sent = proxy.receive(
            H.request(
                "REGISTER", "sip:127.0.0.1:5060", from: "bob", to: "bob", at: H.bob, branch: "z9hG4bKbad",
                callID: "bad", cSeq: 9,
                headers: headers), from: H.bob)
        #expect(sent.map(\.startLine) == ["SIP/2.0 400 Bad Request"])
        #expect(sent.first?.message?.first(named: "P-Registrar-Error").map { sent[0].message!.text($0) } == reason)
        let query = proxy.receive(
            H.request(
                "REGISTER", "sip:127.0.0.1:5060", from: "bob", to: "bob", at: H.bob, branch: "z9hG4bKq", callID: "q"),
            from: H.bob)
        #expect(self.contacts(query) == "<sip:bob@127.0.0.1:6002>;expires=600")
    }
}
