import SIPKit
import Testing

@testable import miniproxy

@Suite("A script that waits")
struct WaitingTests {
    typealias H = ShardHarness

    private static let script = """
        loadmodule "sl.so"
        route {
            if (src_ip == backup.example.org) { sl_send_reply("200", "Backup"); break; }
            sl_send_reply("403", "Somebody Else");
        }
        """

    @Test("is parked with its message, others go on, and the answer resumes it")
    func resumes() throws {
        var proxy = try H(script: Self.script)
        #expect(proxy.receive(H.request("OPTIONS", "sip:127.0.0.1", at: H.alice), from: H.alice).isEmpty)
        #expect(
            proxy.receive(H.request("OPTIONS", "sip:127.0.0.1", at: H.bob, branch: "z9hG4bKbob"), from: H.bob).isEmpty)
        let questions = proxy.shard.questions
        #expect(
            questions.map(\.question) == Array(repeating: .addresses(host: Array("backup.example.org".utf8)), count: 2))
        try #require(questions.count == 2)
        let second = proxy.answer(questions[1].number, .addresses([H.bob.ip]))
        #expect(second.map(\.startLine) == ["SIP/2.0 200 Backup"])
        #expect(second.first?.to == H.bob)
        let first = proxy.answer(questions[0].number, .addresses([IPAddress("192.0.2.1")!]))
        #expect(first.map(\.startLine) == ["SIP/2.0 403 Somebody Else"])
        #expect(first.first?.to == H.alice)
    }

    @Test("is given up after ten seconds: the question counts as failed")
    func givesUp() throws {
        var proxy = try H(script: Self.script)
        _ = proxy.receive(H.request("OPTIONS", "sip:127.0.0.1", at: H.alice), from: H.alice)
        #expect(proxy.wait(milliseconds: 9_000).isEmpty)
        #expect(proxy.wait(milliseconds: 1_100).map(\.startLine) == ["SIP/2.0 403 Somebody Else"])
        #expect(proxy.answer(1, .addresses([H.alice.ip])).isEmpty, "an answer that comes too late does nothing")
        #expect(proxy.shard.pool.inUse == 0)
    }
}
