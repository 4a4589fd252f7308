import SIPKit
import Testing

@testable import miniproxy

@Suite("Digest against a table of users")
struct DatabaseAuthenticationTests {
    typealias H = ShardHarness

    private func proxy(
        _ parameters: String = "", password: String = "secret", domain: String = "test.local"
    ) throws -> H {
        let script = """
            loadmodule "sl.so"
            loadmodule "auth.so"
            loadmodule "auth_db.so"
            loadmodule "uri_db.so"
            \(parameters)
            route {
                if (!www_authorize("test.local", "subscriber")) { www_challenge("test.local", "0"); break; }
                if (!check_to()) { sl_send_reply("403", "Not You"); break; }
                sl_send_reply("200", "Welcome");
            }
            """
        let proxy = try H(script: script, database: .memory)
        let database = try #require(proxy.shard.state.persistence.database)
        let result = try database.call { (store) throws(StoreError) -> Bool in
            (try? Administration.methods["user.add"]!.run(
                Administration(store: store), ["alice", domain, password])) != nil
        }
        #expect(result)
        return proxy
    }

    private func register(
        _ proxy: inout H, _ user: String, _ password: String?, to: String = "alice", nonce: String = "", branch: String
    ) -> [H.Sent] {
        var headers = ""
        if let password {
            let secret = DigestSecret.password(Array(password.utf8))
            let ha1 = secret.ha1(user: Array(user.utf8), realm: Array("test.local".utf8), algorithm: .md5) ?? []
            let ha2 = DigestAlgorithm.md5.hex(Array("REGISTER:sip:test.local".utf8))
            let response = DigestAlgorithm.md5.hex(ha1 + Array(":\(nonce):".utf8) + ha2)
            headers =
                "Authorization: Digest username=\"\(user)\", realm=\"test.local\", nonce=\"\(nonce)\", uri=\"sip:test.local\", response=\"\(String(decoding: response, as: UTF8.self))\"\r\n"
        }
        return proxy.receiveAnswered(
            H.request(
                "REGISTER", "sip:test.local", from: to, to: to, at: H.alice, branch: "z9hG4bK\(branch)",
                headers: headers), from: H.alice)
    }

    private func nonce(_ sent: [H.Sent]) throws -> String {
        let line = try #require(sent.last?.header(.wwwAuthenticate))
        let start = try #require(line.firstRange(of: "nonce=\""))
        return String(line[start.upperBound...].prefix { $0 != "\"" })
    }

    @Test(
        "takes the right password and no other, from HA1 and from passwords",
        arguments: [
            "", "modparam(\"auth_db\", \"calculate_ha1\", 1)\nmodparam(\"auth_db\", \"password_column\", \"password\")",
        ])
    func passwords(_ parameters: String) throws {
        var proxy = try self.proxy(parameters)
        let nonce = try self.nonce(self.register(&proxy, "alice", nil, branch: "1"))
        #expect(
            self.register(&proxy, "alice", "wrong", nonce: nonce, branch: "2").map(\.startLine) == [
                "SIP/2.0 401 Unauthorized"
            ])
        #expect(
            self.register(&proxy, "nobody", "secret", nonce: nonce, branch: "3").map(\.startLine) == [
                "SIP/2.0 401 Unauthorized"
            ])
        #expect(
            self.register(&proxy, "alice", "secret", nonce: nonce, branch: "4").map(\.startLine) == [
                "SIP/2.0 200 Welcome"
            ])
    }

    @Test("takes user@domain, by HA1b")
    func address() throws {
        var proxy = try self.proxy()
        let nonce = try self.nonce(self.register(&proxy, "alice", nil, branch: "1"))
        #expect(
            self.register(&proxy, "alice@test.local", "secret", nonce: nonce, branch: "2").map(\.startLine)
                == ["SIP/2.0 200 Welcome"])
    }

    @Test(
        "takes a user of another domain for one of the realm's, unless use_domain keeps them apart", arguments: [0, 1])
    func domains(useDomain: Int) throws {
        var proxy = try self.proxy(
            "modparam(\"auth_db\", \"calculate_ha1\", 1)\nmodparam(\"auth_db\", \"password_column\", \"password\")\n"
                + "modparam(\"auth_db\", \"use_domain\", \(useDomain))", domain: "other.local")
        let nonce = try self.nonce(self.register(&proxy, "alice", nil, branch: "1"))
        #expect(
            self.register(&proxy, "alice", "secret", nonce: nonce, branch: "2").map(\.startLine)
                == [useDomain == 0 ? "SIP/2.0 200 Welcome" : "SIP/2.0 401 Unauthorized"])
    }

    @Test("refuses who registers for another")
    func another() throws {
        var proxy = try self.proxy()
        let nonce = try self.nonce(self.register(&proxy, "alice", nil, branch: "1"))
        #expect(
            self.register(&proxy, "alice", "secret", to: "bob", nonce: nonce, branch: "2").map(\.startLine)
                == ["SIP/2.0 403 Not You"])
    }

    @Test("that does not answer: who was known goes on, who was not gets 500")
    func down() throws {
        var proxy = try self.proxy()
        let nonce = try self.nonce(self.register(&proxy, "alice", nil, branch: "1"))
        _ = self.register(&proxy, "alice", "secret", nonce: nonce, branch: "2")
        let next = try self.nonce(self.register(&proxy, "alice", nil, branch: "3"))
        let other = try self.nonce(self.register(&proxy, "alice", nil, branch: "4"))
        // The database has gone.
        proxy.shard.state.persistence.database?.finish()
        #expect(
            self.register(&proxy, "alice", "secret", nonce: next, branch: "5").map(\.startLine) == [
                "SIP/2.0 200 Welcome"
            ])
        let refused = self.register(&proxy, "carol", "secret", nonce: other, branch: "6")
        #expect(refused.map(\.startLine) == ["SIP/2.0 500 Server Internal Error"])
        #expect(refused.first?.text.contains("\r\nRetry-After: 10\r\n") == true)
    }
}
