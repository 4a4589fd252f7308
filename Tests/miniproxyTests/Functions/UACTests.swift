import SIPKit
import Testing

@testable import miniproxy

@Suite("A call in another name")
struct UACTests {
    typealias H = ShardHarness

    private static let script = """
        loadmodule "tm.so"
        loadmodule "rr.so"
        loadmodule "uac.so"
        route {
            if (loose_route()) { t_relay(); break; }
            if (method == "INVITE") { record_route(); uac_replace_from("Hotel", "sip:reception@example.org"); }
            t_relay();
        }
        """

    private func from(_ sent: H.Sent?) -> String { sent?.header(.from) ?? "" }
    private func to(_ sent: H.Sent?) -> String { sent?.header(.to) ?? "" }

    @Test("has it on the callee's side in all of the dialog, and its own on the caller's")
    func dialog() throws {
        var proxy = try H(script: Self.script)
        let own = "<sip:alice@127.0.0.1:5060>;tag=a1"
        let other = "\"Hotel\" <sip:reception@example.org>;tag=a1"
        let invite = try #require(
            proxy.receive(H.request("INVITE", "sip:bob@127.0.0.1:6002", at: H.alice), from: H.alice).last)
        #expect(self.from(invite) == other)
        let ok = try #require(proxy.receive(H.response(200, "OK", to: invite), from: H.bob).first)
        #expect(ok.to == H.alice && self.from(ok) == own)
        #expect(self.to(ok) == "<sip:bob@127.0.0.1:5060>;tag=b1")
        let route = "Route: \(ok.header(.recordRoute))\r\n"

        // The caller's ACK and re-INVITE.
        func again(_ method: String, _ cSeq: Int) -> String {
            H.request(
                method, "sip:bob@127.0.0.1:6002", at: H.alice, branch: "z9hG4bK\(method)\(cSeq)", cSeq: cSeq,
                toTag: "b1",
                headers: route)
        }
        let renamed = "<sip:reception@example.org>;tag=a1"
        #expect(self.from(proxy.receive(again("ACK", 1), from: H.alice).last) == renamed)
        let second = try #require(proxy.receive(again("INVITE", 2), from: H.alice).last)
        #expect(self.from(second) == renamed)
        #expect(self.from(proxy.receive(H.response(200, "OK", to: second), from: H.bob).first) == own)

        // The callee hangs up: he knows the other name only.
        let bye = H.request(
            "BYE", "sip:alice@127.0.0.1:6001", at: H.bob, branch: "z9hG4bKbye", cSeq: 9, headers: route
        ).replacing("From: <sip:alice@127.0.0.1:5060>;tag=a1", with: "From: <sip:bob@127.0.0.1:5060>;tag=b1")
            .replacing("To: <sip:bob@127.0.0.1:5060>", with: "To: \(other)")
        let arrived = try #require(proxy.receive(bye, from: H.bob).last)
        #expect(arrived.to == H.alice && self.to(arrived) == own)
        #expect(self.to(proxy.receive(H.response(200, "OK", to: arrived, tag: nil), from: H.alice).first) == other)
        _ = proxy.wait(milliseconds: 64_000)
        #expect(proxy.shard.otherIdentities.isEmpty)
    }

    @Test("of which somebody has changed the code on its way goes on as it is")
    func nonsense() throws {
        var proxy = try H(script: Self.script)
        for code in ["0", "xy", "ff00", "", String(repeating: "00", count: 1_025)] {
            let request = H.request(
                "BYE", "sip:bob@127.0.0.1:6002", at: H.alice, branch: "z9hG4bK\(code.count)\(code.prefix(4))",
                toTag: "b1",
                headers: "Route: <sip:127.0.0.1:5060;lr;ftag=a1;vsf=\(code)>\r\n")
            #expect(
                self.from(proxy.receive(request, from: H.alice).last).hasPrefix("<sip:alice@127.0.0.1:5060>;tag=a1"))
        }
    }

    // MARK: Credentials

    /// A gateway at bob's address that wants a password, as it is called by scripts of both generations.
    private static let trunk = [
        """
        loadmodule "tm.so"
        loadmodule "uac.so"
        modparam("uac", "credential", "other:elsewhere:x")
        modparam("uac", "credential", "trunk:gw:se:cret")
        route { t_on_failure("1"); rewritehostport("127.0.0.1:6002"); t_relay(); }
        failure_route[1] {
            if (t_check_status("401|407")) {
                if (uac_auth()) { t_on_failure("1"); append_branch(); t_relay(); };
            };
        }
        """,
        """
        loadmodule "tm.so"
        loadmodule "uac.so"
        modparam("uac", "auth_realm_avp", "$avp(realm)")
        modparam("uac", "auth_username_avp", "$avp(user)")
        modparam("uac", "auth_password_avp", "$avp(password)")
        request_route {
            $avp(realm) = "gw"; $avp(user) = "trunk"; $avp(password) = "se:cret";
            t_on_failure("AGAIN");
            $du = "sip:127.0.0.1:6002";
            t_relay();
        }
        failure_route[AGAIN] {
            if (t_check_status("401|407") && uac_auth()) { t_on_failure("AGAIN"); t_relay(); }
        }
        """,
    ]

    private func challenge(_ request: H.Sent, _ status: Int = 407, nonce: String, more: String = "") -> String {
        let name = status == 407 ? "Proxy-Authenticate" : "WWW-Authenticate"
        return H.response(status, "Who", to: request).replacing(
            "Content-Length",
            with:
                "\(name): Digest realm=\"gw\", nonce=\"\(nonce)\", qop=\"auth\", algorithm=MD5\(more)\r\nContent-Length"
        )
    }

    /// The credentials of a request, if they are right.
    private func isRight(_ sent: H.Sent, _ name: HeaderID, nonce: String) throws -> Bool {
        let value = Array(sent.header(name).utf8)
        var cursor = ByteCursor(value.span, ByteRange(0, value.count))
        let credentials = try Credentials(parsing: &cursor)
        let ha1 = DigestSecret.password(Array("se:cret".utf8)).ha1(
            user: Array("trunk".utf8), realm: Array("gw".utf8), algorithm: .md5)
        let uri = String(sent.startLine.split(separator: " ")[1])
        let wanted = DigestResponse(
            algorithm: .md5, nonce: Array(nonce.utf8), method: Array("INVITE".utf8), uri: Array(uri.utf8),
            quality: .auth, count: credentials.count ?? [], clientNonce: credentials.clientNonce ?? [], body: []
        ).value(ha1: try #require(ha1))
        return credentials.response == wanted && credentials.username == Array("trunk".utf8)
            && credentials.uri == Array(uri.utf8)
    }

    @Test(
        "uac_auth answers a gateway's challenge, and the caller hears nothing of it",
        arguments: UACTests.trunk, [401, 407])
    func credentials(script: String, status: Int) throws {
        let name = status == 407 ? HeaderID.proxyAuthorization : .authorization
        var proxy = try H(script: script)
        let request = H.request("INVITE", "sip:5551000@gw.example:5060", at: H.alice)
        let first = try #require(proxy.receive(request, from: H.alice).last)
        #expect(first.to == H.bob && first.header(name) == "")
        var sent = proxy.receive(self.challenge(first, status, nonce: "n1"), from: H.bob)
        #expect(!sent.contains { $0.to == H.alice })
        #expect(sent.filter { $0.startLine.hasPrefix("ACK") }.count == 1)
        let invites = sent.filter { $0.startLine.hasPrefix("INVITE") }
        let second = try #require(invites.first)
        #expect(invites.count == 1 && second.to == H.bob && second.startLine == first.startLine)
        #expect(try self.isRight(second, name, nonce: "n1"))
        #expect(second.header(.cSeq) == first.header(.cSeq) && second.header(.via) != first.header(.via))
        // A nonce that is too old is no refusal.
        sent = proxy.receive(self.challenge(second, status, nonce: "n2", more: ", stale=true"), from: H.bob)
        let third = try #require(sent.first { $0.startLine.hasPrefix("INVITE") })
        #expect(try self.isRight(third, name, nonce: "n2"))
        #expect(third.text.ranges(of: "\(name.name): ").count == 1, "the old answer is gone")
        #expect(proxy.receive(H.response(200, "OK", to: third), from: H.bob).map(\.to) == [H.alice])
    }

    @Test("credentials that are refused are not sent again: the caller hears of it", arguments: UACTests.trunk)
    func refused(script: String) throws {
        var proxy = try H(script: script)
        let first = try #require(
            proxy.receive(H.request("INVITE", "sip:5551000@gw.example:5060", at: H.alice), from: H.alice).last)
        let sent = proxy.receive(self.challenge(first, nonce: "n1"), from: H.bob)
        let second = try #require(sent.first { $0.startLine.hasPrefix("INVITE") })
        let last = proxy.receive(self.challenge(second, nonce: "n2"), from: H.bob)
        #expect(!last.contains { $0.startLine.hasPrefix("INVITE") })
        #expect(last.filter { $0.to == H.alice }.map(\.startLine) == ["SIP/2.0 407 Who"])
    }
}
