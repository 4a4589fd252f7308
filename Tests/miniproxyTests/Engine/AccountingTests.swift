import SIPKit
import Testing

@testable import miniproxy

@Suite("Accounting to the log")
struct AccountingTests {
    typealias H = ShardHarness

    static let modules =
        ["sl", "tm", "acc"].map { "loadmodule \"\($0).so\"\n" }.joined()
        + "modparam(\"acc\", \"log_flag\", 1)\nmodparam(\"acc\", \"log_missed_flag\", 2)\nmodparam(\"acc\", \"log_level\", 1)\n"

    /// The lines of accounting that a call leaves which bob answers with this status.
    func lines(_ route: String, answer: Int) throws -> [String] {
        let log = LineBasket()
        var proxy = try H(script: Self.modules + route, log: log)
        let invite = try #require(
            proxy.receive(H.request("INVITE", "sip:bob@127.0.0.1:6002", at: H.alice), from: H.alice).last)
        _ = proxy.receive(H.response(answer, "x", to: invite), from: H.bob)
        return log.lines.filter { $0.hasPrefix("ACC: ") }
    }

    @Test("says that a call was answered, and by whom")
    func answered() throws {
        #expect(
            try self.lines("route { setflag(1); setflag(2); rewriteuser(\"robert\"); t_relay(); }", answer: 200) == [
                "ACC: transaction answered: method=INVITE, i-uri=sip:bob@127.0.0.1:6002, o-uri=sip:robert@127.0.0.1:6002, "
                    + "call_id=call-1, from=<sip:alice@127.0.0.1:5060>;tag=a1, code=200"
            ])
    }

    @Test("says once that a call was missed, also when a failure block takes it on")
    func missed() throws {
        let lines = try self.lines(
            "route { setflag(1); setflag(2); t_on_failure(\"1\"); t_relay(); }\nfailure_route[1] { t_reply(\"480\", \"Away\"); }",
            answer: 486)
        #expect(lines.count == 1)
        #expect(lines[0].hasPrefix("ACC: call missed: method=INVITE, ") && lines[0].hasSuffix(", code=486"))
    }

    @Test("says nothing without the flag, and nothing of failures under log_flag unless it is told to")
    func silent() throws {
        #expect(try self.lines("route { t_relay(); }", answer: 200) == [])
        #expect(try self.lines("route { setflag(1); t_relay(); }", answer: 486) == [])
        let failures = "modparam(\"acc\", \"failed_transactions\", 1)\nroute { setflag(1); t_relay(); }"
        #expect(try self.lines(failures, answer: 486).count == 1)
    }

    @Test("writes the fields that log_fmt names, in its order")
    func format() throws {
        let text = "modparam(\"acc\", \"log_fmt\", \"SmFT01Xpr\")\nroute { setflag(1); t_relay(); }"
        #expect(
            try self.lines(text, answer: 200) == [
                "ACC: transaction answered: status=200, method=INVITE, from_uri=sip:alice@127.0.0.1:5060, "
                    + "to_uri=sip:bob@127.0.0.1:5060, from_user=alice, to_user=bob, from_domain=127.0.0.1, user=bob, from_tag=a1"
            ])
    }
}
