import SIPKit
import SIPNet
import Testing

@testable import miniproxy

@Suite("Failure and reply blocks")
struct BlockTests {
    typealias H = ShardHarness

    @Test("a failure block adds a branch, and its answer goes to the caller")
    func failureBlock() throws {
        var proxy = try H(
            script: """
                loadmodule "sl.so"
                loadmodule "tm.so"
                loadmodule "rr.so"
                route { t_on_failure("1"); t_relay(); }
                failure_route[1] {
                    if (t_check_status("486")) { rewriteuri("sip:voicemail@127.0.0.1:6003"); append_branch(); t_relay(); }
                }
                """)
        let invite = try #require(
            proxy.receive(H.request("INVITE", "sip:bob@127.0.0.1:6002", at: H.alice), from: H.alice).last)
        let sent = proxy.receive(H.response(486, "Busy Here", to: invite), from: H.bob)
        let second = try #require(sent.first { $0.startLine.hasPrefix("INVITE") })
        #expect(second.startLine == "INVITE sip:voicemail@127.0.0.1:6003 SIP/2.0")
        #expect(second.to == H.carol)
        #expect(!sent.contains { $0.startLine.hasPrefix("SIP/2.0 486") })
        #expect(proxy.receive(H.response(200, "OK", to: second), from: H.carol).map(\.startLine) == ["SIP/2.0 200 OK"])
    }

    @Test("a failure block that does nothing lets the best answer go up")
    func failureBlockWithoutAction() throws {
        var proxy = try H(
            script: """
                loadmodule "tm.so"
                route { t_on_failure("1"); t_relay(); }
                failure_route[1] { log(1, "failed"); }
                """)
        let invite = try #require(
            proxy.receive(H.request("INVITE", "sip:bob@127.0.0.1:6002", at: H.alice), from: H.alice).last)
        let sent = proxy.receive(H.response(404, "Not Found", to: invite), from: H.bob)
        #expect(sent.map(\.startLine).contains("SIP/2.0 404 Not Found"))
    }

    @Test("a failure block sends the request with what was changed before, and once more with its own changes")
    func changesStay() throws {
        var proxy = try H(
            script: """
                loadmodule "tm.so"
                loadmodule "rr.so"
                loadmodule "textops.so"
                route { record_route(); append_hf("X-First: 1\\r\\n"); t_on_failure("1"); t_relay(); }
                failure_route[1] {
                    append_hf("X-Second: 2\\r\\n");
                    rewriteuri("sip:voicemail@127.0.0.1:6003");
                    append_branch();
                    t_on_failure("2");
                    t_relay();
                }
                failure_route[2] { rewriteuri("sip:last@127.0.0.1:6003"); append_branch(); t_relay(); }
                """)
        let first = try #require(
            proxy.receive(H.request("INVITE", "sip:bob@127.0.0.1:6002", at: H.alice), from: H.alice).last)
        let second = try #require(
            proxy.receive(H.response(486, "Busy Here", to: first), from: H.bob).first {
                $0.startLine.hasPrefix("INVITE")
            })
        let third = try #require(
            proxy.receive(H.response(486, "Busy Here", to: second), from: H.carol).first {
                $0.startLine.hasPrefix("INVITE")
            })
        for sent in [first, second, third] {
            #expect(sent.message?.values(.recordRoute).count == 1)
            #expect(sent.text.components(of: "X-First: 1\r\n") == 1)
            #expect(sent.message?.values(.via).count == 2)
        }
        #expect(second.text.components(of: "X-Second") == 1)
        #expect(third.text.components(of: "X-Second") == 1)
        _ = proxy.receive(H.response(404, "Not Found", to: third), from: H.carol)
        _ = proxy.wait(milliseconds: 64_000)
        #expect(proxy.shard.keptEdits.isEmpty)
    }

    @Test(
        "a failure block waits for the database, and a caller who hangs up meanwhile hears of it",
        arguments: [false, true])
    func waits(hangsUp: Bool) throws {
        var proxy = try H(
            script: """
                loadmodule "tm.so"
                loadmodule "avpops.so"
                route { if (method == "CANCEL") { t_relay(); break; } t_on_failure("1"); t_relay(); }
                failure_route[1] {
                    if (avp_db_load("$ruri/username", "s:fwd")) { avp_pushto("$ruri", "s:fwd"); append_branch(); t_relay(); }
                }
                """, database: .memory)
        let database = try #require(proxy.shard.state.persistence.database)
        _ = try database.call { (store) throws(StoreError) in
            try store.perform([
                SQLStep(
                    sql:
                        "INSERT INTO usr_preferences (username, attribute, type, value) VALUES ('bob', 'fwd', 0, 'sip:vm@127.0.0.1:6003')"
                )
            ])
        }
        let first = try #require(
            proxy.receive(H.request("INVITE", "sip:bob@127.0.0.1:6002", at: H.alice), from: H.alice).last)
        let sent = proxy.receive(H.response(486, "Busy", to: first), from: H.bob)
        #expect(!sent.contains { $0.to == H.alice })
        if hangsUp { _ = proxy.receive(H.request("CANCEL", "sip:bob@127.0.0.1:6002", at: H.alice), from: H.alice) }
        let later = proxy.answerAll()
        #expect(later.filter { $0.startLine.hasPrefix("INVITE") }.map(\.to) == (hangsUp ? [] : [H.carol]))
        #expect(later.contains { $0.startLine == "SIP/2.0 487 Request Terminated" } == hangsUp)
    }

    @Test("a failure block that waited for a phone that was silent, and then does nothing, leaves a 408")
    func waitsAfterSilence() throws {
        var proxy = try H(
            script: """
                loadmodule "tm.so"
                loadmodule "avpops.so"
                route { t_on_failure("1"); t_relay(); }
                failure_route[1] { avp_db_load("$ruri/username", "s:fwd"); }
                """, database: .memory)
        _ = proxy.receive(H.request("INVITE", "sip:bob@127.0.0.1:6002", at: H.alice), from: H.alice)
        #expect(!proxy.wait(milliseconds: 33_000).contains { $0.startLine.hasPrefix("SIP/2.0 408") })
        #expect(proxy.answerAll().map(\.startLine) == ["SIP/2.0 408 Request Timeout"])
    }

    @Test("what stands behind a relay that waits for a name is done when the name is known")
    func behindWaiting() throws {
        let log = LineBasket()
        var proxy = try H(
            script: """
                loadmodule "tm.so"
                route { t_relay(); log(1, "relayed"); }
                """, log: log)
        proxy.names = nil
        _ = proxy.receive(H.request("INVITE", "sip:bob@far.example.org", at: H.alice), from: H.alice)
        #expect(log.lines == [])
        proxy.names = ["far.example.org": [ResolvedTarget(H.bob, .udp, serverName: "far.example.org")]]
        let sent = proxy.wait(milliseconds: 10)
        #expect(sent.contains { $0.to == H.bob })
        #expect(log.lines == ["relayed"])
    }
}

extension String {
    fileprivate func components(of text: String) -> Int { self.ranges(of: text).count }
}
