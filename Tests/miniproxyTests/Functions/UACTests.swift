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
}
