import SIPKit
import Testing

@testable import miniproxy

@Suite("The realm of a digest")
struct RealmTests {
    typealias H = ShardHarness

    /// A line with alice's credentials for an OPTIONS to `uri`.
    private func credentials(
        _ realm: String, nonce: String, uri: String, user: String = "alice", header: String = "Proxy-Authorization"
    ) -> String {
        let secret = DigestSecret.password(Array("secret".utf8))
        let ha1 = secret.ha1(user: Array(user.utf8), realm: Array(realm.utf8), algorithm: .md5) ?? []
        let method = header == "Authorization" ? "REGISTER" : "OPTIONS"
        let ha2 = DigestAlgorithm.md5.hex(Array("\(method):\(uri)".utf8))
        let response = DigestAlgorithm.md5.hex(ha1 + Array(":\(nonce):".utf8) + ha2)
        return
            "\(header): Digest username=\"\(user)\", realm=\"\(realm)\", nonce=\"\(nonce)\", uri=\"\(uri)\", response=\"\(String(decoding: response, as: UTF8.self))\"\r\n"
    }

    private func value(_ name: String, _ line: String) throws -> String {
        let start = try #require(line.firstRange(of: "\(name)=\""))
        return String(line[start.upperBound...].prefix { $0 != "\"" })
    }

    private static let target = "sip:bob@127.0.0.1:6002"

    private func options(
        _ proxy: inout H, _ branch: String, _ headers: String = "", from: String = "alice"
    ) -> [H.Sent] {
        proxy.receive(
            H.request("OPTIONS", Self.target, from: from, at: H.alice, branch: "z9hG4bK\(branch)", headers: headers),
            from: H.alice)
    }

    private static let named = """
        loadmodule "sl.so"
        loadmodule "tm.so"
        loadmodule "auth.so"
        loadmodule "auth_db.so"
        route {
            if (!proxy_authorize("foo.bar", "subscriber")) { proxy_challenge("foo.bar", "0"); break; }
            consume_credentials();
            t_relay();
        }
        """

    @Test("is the one that the script names; credentials for another do not count")
    func named() throws {
        var proxy = try H(users: ["alice:secret"], script: Self.named)
        let challenge = try #require(self.options(&proxy, "1").last?.header(.proxyAuthenticate))
        #expect(try self.value("realm", challenge) == "foo.bar")
        let nonce = try self.value("nonce", challenge)
        let other = self.credentials("other.example", nonce: nonce, uri: Self.target)
        #expect(self.options(&proxy, "2", other).map(\.startLine) == ["SIP/2.0 407 Proxy Authentication Required"])
        let right = self.credentials("foo.bar", nonce: nonce, uri: Self.target)
        #expect(self.options(&proxy, "3", right).map(\.startLine) == ["OPTIONS \(Self.target) SIP/2.0"])
    }

    @Test("decides which credentials are taken out: those of another realm go on")
    func consumed() throws {
        var proxy = try H(users: ["alice:secret"], script: Self.named)
        let nonce = try self.value("nonce", try #require(self.options(&proxy, "1").last?.header(.proxyAuthenticate)))
        let other = self.credentials("next.example", nonce: "1", uri: Self.target)
        let sent = try #require(
            self.options(&proxy, "2", other + self.credentials("foo.bar", nonce: nonce, uri: Self.target)).last)
        #expect(sent.text.contains("realm=\"next.example\""))
        #expect(!sent.text.contains("realm=\"foo.bar\""))
    }

    @Test("that is empty is the host of To for a REGISTER, without a prefix that does not count")
    func serverName() throws {
        var proxy = try H(
            users: ["alice:secret"],
            script: """
                loadmodule "sl.so"
                loadmodule "auth.so"
                loadmodule "auth_db.so"
                modparam("auth", "realm_prefix", "sip.")
                route {
                    if (!www_authorize("", "subscriber")) { www_challenge("", "0"); break; }
                    sl_send_reply("200", "Welcome");
                }
                """)
        func register(_ host: String, _ branch: String, _ headers: String = "") -> [H.Sent] {
            let text = H.request(
                "REGISTER", "sip:\(host)", from: "alice", to: "alice", at: H.alice, branch: "z9hG4bK\(branch)",
                headers: headers
            ).replacing("To: <sip:alice@127.0.0.1:5060>", with: "To: <sip:alice@\(host)>")
            return proxy.receive(text, from: H.alice)
        }
        let plain = try #require(register("messenger.example.org", "1").last?.header(.wwwAuthenticate))
        #expect(try self.value("realm", plain) == "messenger.example.org")
        let prefixed = try #require(register("sip.example.org", "2").last?.header(.wwwAuthenticate))
        #expect(try self.value("realm", prefixed) == "example.org")
        let line = self.credentials(
            "example.org", nonce: try self.value("nonce", prefixed), uri: "sip:sip.example.org", header: "Authorization"
        )
        #expect(register("sip.example.org", "3", line).map(\.startLine) == ["SIP/2.0 200 Welcome"])
    }

    @Test("auth_check takes the user's own From and no other")
    func checked() throws {
        var proxy = try H(
            users: ["alice:secret"],
            script: """
                #!KAMAILIO
                loadmodule "sl.so"
                loadmodule "auth.so"
                loadmodule "auth_db.so"
                request_route {
                    if (auth_check("foo.bar", "subscriber", "1")) { sl_send_reply("200", "Welcome"); exit; }
                    if ($rc == -8) { sl_send_reply("403", "Not You"); exit; }
                    auth_challenge("foo.bar", "0");
                }
                """)
        let nonce = try self.value("nonce", try #require(self.options(&proxy, "1").last?.header(.proxyAuthenticate)))
        let line = self.credentials("foo.bar", nonce: nonce, uri: Self.target)
        #expect(self.options(&proxy, "2", line).map(\.startLine) == ["SIP/2.0 200 Welcome"])
        let again = try self.value("nonce", try #require(self.options(&proxy, "3").last?.header(.proxyAuthenticate)))
        let other = self.credentials("foo.bar", nonce: again, uri: Self.target)
        #expect(self.options(&proxy, "4", other, from: "bob").map(\.startLine) == ["SIP/2.0 403 Not You"])
    }
}
