import SIPKit
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
}
