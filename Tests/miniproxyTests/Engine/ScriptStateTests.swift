import SIPKit
import Testing

@testable import miniproxy

@Suite("What a script sets for a transaction")
struct ScriptStateTests {
    typealias H = ShardHarness
    static let modules = ["sl", "tm", "rr", "avpops", "textops", "registrar", "usrloc", "acc"]
        .map { "loadmodule \"\($0).so\"\n" }.joined()

    func proxy(_ text: String) throws -> H { try H(script: Self.modules + text) }

    func invite(_ headers: String = "") -> String {
        H.request("INVITE", "sip:bob@127.0.0.1:6002", at: H.alice, headers: headers)
    }

    // MARK: Branch blocks

    @Test("a branch block changes each branch for itself alone")
    func branchBlock() throws {
        var proxy = try self.proxy(
            """
            route { record_route(); append_branch("sip:carol@127.0.0.1:6003"); t_on_branch("1"); t_relay(); }
            branch_route[1] { append_hf("X-Branch: $T_branch_idx\\r\\n"); if ($rU == "carol") { $rU = "c2"; add_rr_param(";x=1"); } }
            """)
        let sent = proxy.receive(self.invite(), from: H.alice).filter { $0.startLine.hasPrefix("INVITE") }
        #expect(
            sent.map(\.startLine) == ["INVITE sip:bob@127.0.0.1:6002 SIP/2.0", "INVITE sip:c2@127.0.0.1:6003 SIP/2.0"])
        #expect(sent[0].text.contains("X-Branch: 0\r\n") && !sent[0].text.contains("X-Branch: 1"))
        #expect(sent[1].text.contains("X-Branch: 1\r\n") && !sent[1].text.contains("X-Branch: 0"))
        #expect(sent[0].header(.recordRoute) == "<sip:127.0.0.1;ftag=a1;lr>")
        #expect(sent[1].header(.recordRoute) == "<sip:127.0.0.1;ftag=a1;lr;x=1>")
    }

    @Test("a branch that its block drops is not sent")
    func droppedBranch() throws {
        var proxy = try self.proxy(
            """
            request_route { append_branch("sip:carol@127.0.0.1:6003"); t_on_branch("OUT"); t_relay(); }
            branch_route[OUT] { if ($rU == "bob") drop; }
            """)
        let sent = proxy.receive(self.invite(), from: H.alice).filter { $0.startLine.hasPrefix("INVITE") }
        #expect(sent.map(\.to) == [H.carol])
    }

    @Test("a branch block stays armed for what a failure block sends")
    func branchBlockAfterFailure() throws {
        var proxy = try self.proxy(
            """
            request_route { t_on_branch("OUT"); t_on_failure("AGAIN"); t_relay(); }
            branch_route[OUT] { append_hf("X: 1\\r\\n"); }
            failure_route[AGAIN] { $ru = "sip:carol@127.0.0.1:6003"; t_relay(); }
            """)
        let first = try #require(proxy.receive(self.invite(), from: H.alice).last)
        let second = try #require(
            proxy.receive(H.response(486, "Busy", to: first), from: H.bob).first { $0.startLine.hasPrefix("INVITE") })
        #expect(second.to == H.carol)
        #expect(second.text.contains("X: 1\r\n"))
    }

    // MARK: Timers

    /// When, in seconds, the caller hears 408 from a phone that rings and says nothing more.
    func givesUp(_ text: String, dialect: String = "") throws -> Int? {
        var proxy = try self.proxy(dialect + text)
        let invite = try #require(proxy.receive(self.invite(), from: H.alice).last)
        _ = proxy.receive(H.response(180, "Ringing", to: invite), from: H.bob)
        for second in 1...130
        where proxy.wait(milliseconds: 1000).contains(where: { $0.startLine.hasPrefix("SIP/2.0 408") }) {
            return second
        }
        return nil
    }

    @Test("fr_inv_timer_avp overrides fr_inv_timer, from the request and from a reply block")
    func inviteTimerAVP() throws {
        let set = "modparam(\"tm\", \"fr_inv_timer\", 27)\nmodparam(\"tm\", \"fr_inv_timer_avp\", \"inv_timeout\")\n"
        #expect(try self.givesUp(set + "route { t_relay(); }") == 27)
        #expect(try self.givesUp(set + "route { avp_write(\"i:45\", \"inv_timeout\"); t_relay(); }") == 45)
        #expect(try self.givesUp(set + "route { avp_write(\"s:12\", \"s:inv_timeout\"); t_relay(); }") == 12)
        #expect(try self.givesUp("route { t_set_fr(\"9000\"); t_relay(); }") == 9)
        let reply =
            "request_route { t_on_reply(\"1\"); t_relay(); } onreply_route[1] { if ($rs == 180) $avp(inv_timeout) = 5; }"
        #expect(try self.givesUp(set + reply) == 5)
    }

    @Test("fr_timer_avp and t_set_fr say how long a silent phone is waited for")
    func replyTimer() throws {
        var proxy = try self.proxy(
            "route { avp_write(\"i:3\", \"callee_fr_timer\"); t_on_failure(\"1\"); t_relay(); }\n"
                + "failure_route[1] { if (t_any_timeout() && t_branch_timeout()) { t_reply(\"480\", \"Silent\"); } }")
        _ = proxy.receive(self.invite(), from: H.alice)
        let sent = proxy.wait(milliseconds: 3100)
        #expect(sent.contains { $0.startLine == "SIP/2.0 480 Silent" })
    }

    @Test("a 408 that came from afar is no timeout of ours")
    func foreignTimeout() throws {
        var proxy = try self.proxy(
            "route { t_on_failure(\"1\"); t_relay(); }\nfailure_route[1] { if (t_branch_timeout()) { t_reply(\"480\", \"x\"); } }"
        )
        let invite = try #require(proxy.receive(self.invite(), from: H.alice).last)
        let sent = proxy.receive(H.response(408, "Request Timeout", to: invite), from: H.bob)
        #expect(sent.contains { $0.startLine == "SIP/2.0 408 Request Timeout" })
    }

    // MARK: Flags and attributes

    @Test("flags and attributes go into reply and failure blocks, and what those set comes back")
    func state() throws {
        var proxy = try self.proxy(
            """
            request_route { setflag(3); $avp(a) = "one"; t_on_reply("1"); t_on_failure("1"); t_relay(); }
            onreply_route[1] { if (isflagset(3) && $avp(a) == "one") { setflag(4); $avp(b) = "two"; } }
            failure_route[1] { if (isflagset(4) && $avp(b) == "two" && $T_reply_code == 486) { t_reply("480", "Seen"); } }
            """)
        let invite = try #require(proxy.receive(self.invite(), from: H.alice).last)
        let sent = proxy.receive(H.response(486, "Busy", to: invite), from: H.bob)
        #expect(sent.contains { $0.startLine == "SIP/2.0 480 Seen" })
    }

    @Test("sl_send_reply in a route that a failure block calls answers through the transaction, once")
    func statelessInFailure() throws {
        var proxy = try self.proxy(
            """
            route { t_on_failure("1"); t_relay(); }
            route[6] { sl_send_reply("404", "Forwarding Failed"); }
            failure_route[1] { route(6); }
            """)
        let invite = try #require(proxy.receive(self.invite(), from: H.alice).last)
        let sent = proxy.receive(H.response(486, "Busy", to: invite), from: H.bob)
        #expect(sent.filter { $0.to == H.alice }.map(\.startLine) == ["SIP/2.0 404 Forwarding Failed"])
    }

    // MARK: Copies

    @Test("t_replicate sends a copy whose answers end here")
    func replicate() throws {
        var proxy = try self.proxy(
            "route { if (method==\"REGISTER\") { save(\"location\"); t_replicate(\"127.0.0.1\", \"6003\"); } }")
        let sent = proxy.register("bob", at: H.bob)
        #expect(sent.map(\.to) == [H.bob, H.carol])
        #expect(sent[0].startLine == "SIP/2.0 200 OK")
        #expect(sent[1].startLine.hasPrefix("REGISTER "))
        #expect(sent[1].message?.values(.via).count == 2)
        #expect(proxy.receive(H.response(200, "OK", to: sent[1]), from: H.carol).isEmpty)
        // Answered, so it is not sent again.
        #expect(proxy.wait(milliseconds: 5000).isEmpty)
    }

    @Test("send() passes the octets on as they came")
    func asTheyCame() throws {
        var proxy = try self.proxy("route { send(\"127.0.0.1\", 6003); }")
        let sent = proxy.receive(self.invite("X: y\r\n"), from: H.alice)
        #expect(sent.map(\.to) == [H.carol])
        #expect(sent[0].text == self.invite("X: y\r\n"))
    }

    @Test("a transaction that was made and released is gone")
    func release() throws {
        var proxy = try self.proxy("route { t_newtran(); t_release(); }")
        #expect(proxy.receive(self.invite(), from: H.alice).isEmpty)
        #expect(proxy.shard.servers.liveCount == 0)
    }
}
