import SIPKit
import SIPNet
import Testing

@testable import miniproxy

@Suite("A reply or failure block that waits")
struct WaitingBlockTests {
    typealias H = ShardHarness

    /// A proxy whose database says where bob's calls go when he is busy.
    private func proxy(_ script: String, rows: [(attribute: String, value: String)] = []) throws -> H {
        let proxy = try H(script: script, database: .memory)
        let database = try #require(proxy.shard.state.persistence.database)
        let changes = rows.map { row in
            TableChange.insert(
                table: Array("usr_preferences".utf8),
                [
                    ("username", "bob"), ("attribute", row.attribute), ("type", "0"), ("value", row.value),
                ].map { ColumnValue(column: Array($0.0.utf8), value: Array($0.1.utf8)) })
        }
        _ = try database.call { (store) throws(StoreError) in
            try store.perform(try changes.map { (change) throws(StoreError) in try change.step })
        }
        return proxy
    }

    private static let failure = """
        loadmodule "sl.so"
        loadmodule "tm.so"
        loadmodule "avpops.so"
        route { t_on_failure("1"); t_relay(); }
        failure_route[1] {
            if (avp_db_load("$ruri/username", "s:fwdbusy")) {
                avp_pushto("$ruri", "s:fwdbusy");
                append_branch();
                t_relay();
            }
        }
        """

    private func invite(_ proxy: inout H) throws -> H.Sent {
        let sent = proxy.receive(H.request("INVITE", "sip:bob@127.0.0.1:6002", at: H.alice), from: H.alice)
        return try #require(sent.last { $0.startLine.hasPrefix("INVITE") })
    }

    @Test("forwards a busy call to where the database says")
    func forwards() throws {
        var proxy = try self.proxy(Self.failure, rows: [("fwdbusy", "sip:carol@127.0.0.1:6003")])
        let invite = try self.invite(&proxy)
        let busy = proxy.receive(H.response(486, "Busy Here", to: invite), from: H.bob)
        #expect(busy.map(\.startLine) == ["ACK sip:bob@127.0.0.1:6002 SIP/2.0"], "nothing goes up before the answer")
        #expect(proxy.shard.questions.count == 1)
        let forwarded = proxy.answerAll()
        #expect(forwarded.map(\.startLine) == ["INVITE sip:carol@127.0.0.1:6003 SIP/2.0"])
        let second = try #require(forwarded.first)
        #expect(second.to == H.carol)
        #expect(proxy.receive(H.response(200, "OK", to: second), from: H.carol).map(\.startLine) == ["SIP/2.0 200 OK"])
        _ = proxy.wait(milliseconds: 70_000)
        #expect(proxy.shard.pool.inUse == 0)
    }

    /// The call forwarding of the guide: where to, always, when busy, when nobody answers.
    private static let forwarding = """
        loadmodule "sl.so"
        loadmodule "tm.so"
        loadmodule "avpops.so"
        modparam("tm", "fr_inv_timer", 20)
        route {
            if (avp_db_load("$ruri/username", "s:callfwd")) { avp_pushto("$ruri", "s:callfwd"); t_relay(); break; }
            if (avp_db_load("$ruri/username", "s:fwdbusy")) {
                if (!avp_check("s:fwdbusy", "eq/$ruri/i")) { setflag(26); }
            }
            if (avp_db_load("$ruri/username", "s:fwdnoanswer")) {
                if (!avp_check("s:fwdnoanswer", "eq/$ruri/i")) { setflag(27); }
            }
            t_on_failure("1");
            t_relay();
        }
        failure_route[1] {
            if (isflagset(26) && t_check_status("486")) {
                avp_pushto("$ruri", "s:fwdbusy");
                append_branch();
                t_relay();
                break;
            }
            if (isflagset(27) && t_check_status("408")) {
                avp_pushto("$ruri", "s:fwdnoanswer");
                append_branch();
                t_relay();
            }
        }
        """

    @Test(
        "calls are forwarded always, when busy, or without an answer", arguments: ["callfwd", "fwdbusy", "fwdnoanswer"])
    func forwarding(_ attribute: String) throws {
        let target = "INVITE sip:carol@127.0.0.1:6003 SIP/2.0"
        var proxy = try self.proxy(Self.forwarding, rows: [(attribute, "sip:carol@127.0.0.1:6003")])
        let first = proxy.receiveAnswered(H.request("INVITE", "sip:bob@127.0.0.1:6002", at: H.alice), from: H.alice)
        let invite = try #require(first.last { $0.startLine.hasPrefix("INVITE") })
        guard attribute != "callfwd" else {
            #expect(invite.startLine == target)
            return
        }
        #expect(invite.to == H.bob)
        let sent: [H.Sent]
        if attribute == "fwdbusy" {
            sent = proxy.receive(H.response(486, "Busy Here", to: invite), from: H.bob)
        } else {
            _ = proxy.receive(H.response(180, "Ringing", to: invite), from: H.bob)
            sent = proxy.wait(milliseconds: 21_000)
        }
        #expect(sent.map(\.startLine).contains(target))
    }

    @Test(
        "lets the best answer go up where the database says nothing, and where it does not answer",
        arguments: [true, false])
    func bestAnswer(isAnswered: Bool) throws {
        var proxy = try self.proxy(Self.failure)
        let invite = try self.invite(&proxy)
        _ = proxy.receive(H.response(486, "Busy Here", to: invite), from: H.bob)
        let sent = isAnswered ? proxy.answerAll() : proxy.wait(milliseconds: 10_100)
        #expect(sent.map(\.startLine).contains("SIP/2.0 486 Busy Here"))
        _ = proxy.receive(H.request("ACK", "sip:bob@127.0.0.1:6002", at: H.alice, toTag: "b1"), from: H.alice)
        _ = proxy.wait(milliseconds: 70_000)
        #expect(proxy.shard.pool.inUse == 0)
    }

    @Test("keeps the answer of a request whose branch is over before the database has answered")
    func branchIsOver() throws {
        var proxy = try self.proxy(Self.failure)
        let sent = proxy.receive(H.request("MESSAGE", "sip:bob@127.0.0.1:6002", at: H.alice), from: H.alice)
        let message = try #require(sent.last)
        #expect(proxy.receive(H.response(480, "Away", to: message), from: H.bob).isEmpty)
        #expect(proxy.answerAll().map(\.startLine) == ["SIP/2.0 480 Away"])
        _ = proxy.wait(milliseconds: 70_000)
        #expect(proxy.shard.pool.inUse == 0)
    }

    @Test("is given up when the caller hangs up meanwhile")
    func cancelled() throws {
        var proxy = try self.proxy(Self.failure, rows: [("fwdbusy", "sip:carol@127.0.0.1:6003")])
        let invite = try self.invite(&proxy)
        _ = proxy.receive(H.response(486, "Busy Here", to: invite), from: H.bob)
        let cancel = proxy.receive(H.request("CANCEL", "sip:bob@127.0.0.1:6002", at: H.alice), from: H.alice)
        #expect(cancel.map(\.startLine) == ["SIP/2.0 200 canceling"])
        #expect(proxy.answerAll().map(\.startLine) == ["SIP/2.0 487 Request Terminated"])
        _ = proxy.receive(H.request("ACK", "sip:bob@127.0.0.1:6002", at: H.alice, toTag: "b1"), from: H.alice)
        _ = proxy.wait(milliseconds: 70_000)
        #expect(proxy.shard.pool.inUse == 0)
    }

    private static let reply = """
        #!KAMAILIO
        loadmodule "sl.so"
        loadmodule "tm.so"
        loadmodule "avpops.so"
        loadmodule "textops.so"
        request_route { t_on_reply("DB"); t_relay(); }
        onreply_route[DB] {
            if (avp_db_load("$to/username", "s:mood")) { append_hf("X-Mood: $avp(s:mood)\\r\\n"); }
        }
        """

    @Test("writes what the database says into an answer, sends it once, and absorbs its repeats meanwhile")
    func replies() throws {
        var proxy = try self.proxy(Self.reply, rows: [("mood", "happy")])
        let invite = try self.invite(&proxy)
        #expect(proxy.receive(H.response(180, "Ringing", to: invite), from: H.bob).isEmpty)
        let ringing = proxy.answerAll()
        #expect(ringing.map(\.startLine) == ["SIP/2.0 180 Ringing"])
        #expect(ringing.first?.text.contains("\r\nX-Mood: happy\r\n") == true)
        let answer = H.response(200, "OK", to: invite)
        #expect(proxy.receive(answer, from: H.bob).isEmpty)
        #expect(proxy.receive(answer, from: H.bob).isEmpty, "the same again while it waits")
        #expect(proxy.shard.questions.count == 1)
        let sent = proxy.answerAll()
        #expect(sent.map(\.startLine) == ["SIP/2.0 200 OK"])
        #expect(sent.first?.text.contains("\r\nX-Mood: happy\r\n") == true)
        #expect(proxy.receive(answer, from: H.bob).map(\.startLine) == ["SIP/2.0 200 OK"], "a repeat passes as ever")
        _ = proxy.wait(milliseconds: 70_000)
        #expect(proxy.shard.pool.inUse == 0)
        #expect(proxy.shard.held.isEmpty)
    }

    @Test("that waits over a refusal: the ACK does not, and the best answer is chosen afterwards")
    func refusals() throws {
        var proxy = try self.proxy(Self.reply)
        let invite = try self.invite(&proxy)
        #expect(
            proxy.receive(H.response(404, "Not Found", to: invite), from: H.bob).map(\.startLine)
                == ["ACK sip:bob@127.0.0.1:6002 SIP/2.0"])
        #expect(proxy.answerAll().map(\.startLine) == ["SIP/2.0 404 Not Found"])
        _ = proxy.receive(H.request("ACK", "sip:bob@127.0.0.1:6002", at: H.alice, toTag: "b1"), from: H.alice)
        _ = proxy.wait(milliseconds: 70_000)
        #expect(proxy.shard.pool.inUse == 0)
    }

    @Test("cannot be a branch block: what asks a database is refused there")
    func branchBlock() {
        let text = """
            #!KAMAILIO
            loadmodule "tm.so"
            loadmodule "avpops.so"
            request_route { t_on_branch("B"); t_relay(); }
            branch_route[B] { avp_db_load("$ru/username", "s:mood"); }
            """
        let loaded = ScriptProgram.load(SourceText(name: "x", bytes: Array(text.utf8)))
        #expect(loaded.program == nil)
        #expect(loaded.report.contains("branch_route"))
    }

    @Test("carries out what the script wanted after a relay that had to wait for a name")
    func afterWaiting() throws {
        let log = LineBasket()
        var proxy = try H(
            script: """
                loadmodule "tm.so"
                route { t_relay(); log(1, "relayed"); }
                """, log: log)
        proxy.names = nil
        #expect(
            proxy.receive(H.request("OPTIONS", "sip:bob@phone.example.org", at: H.alice), from: H.alice).isEmpty)
        proxy.names = [
            "phone.example.org": [ResolvedTarget(H.bob, .udp, serverName: "phone.example.org")]
        ]
        #expect(proxy.wait(milliseconds: 0).map(\.startLine) == ["OPTIONS sip:bob@phone.example.org SIP/2.0"])
        #expect(log.lines == ["relayed"])
    }
}
