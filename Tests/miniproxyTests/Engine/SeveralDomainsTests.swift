import SIPKit
import Testing

@testable import miniproxy

@Suite("A proxy of several domains")
struct SeveralDomainsTests {
    typealias H = ShardHarness

    /// Each domain has contacts of its own, whatever names its users have; hosts below a domain belong to it.
    private static let script = """
        loadmodule "sl.so"
        loadmodule "tm.so"
        loadmodule "usrloc.so"
        loadmodule "registrar.so"
        route {
            if (method == "REGISTER") {
                if (to_uri =~ "[@:\\.]one\\.example") { save("one"); } else { save("two"); };
                break;
            };
            if (uri =~ "[@:\\.]one\\.example") {
                if (!lookup("one")) { sl_send_reply("404", "Not In One"); break; };
            } else if (uri =~ "[@:\\.]two\\.example") {
                if (!lookup("two")) { sl_send_reply("404", "Not In Two"); break; };
            } else {
                sl_send_reply("403", "Not Ours");
                break;
            };
            t_relay();
        }
        """

    private func register(_ uri: String, at address: SocketAddress, cSeq: Int) -> String {
        H.request(
            "REGISTER", "sip:127.0.0.1", at: address, branch: "z9hG4bKr\(cSeq)", callID: "r\(cSeq)", cSeq: cSeq,
            headers: "Contact: <sip:bob@\(address)>\r\n"
        ).replacing("To: <sip:bob@127.0.0.1:5060>", with: "To: <\(uri)>")
    }

    private func call(_ proxy: inout H, _ uri: String) -> H.Sent? {
        proxy.receive(
            H.request("INVITE", uri, at: H.alice, branch: "z9hG4bK\(UInt32.random(in: 0 ... .max))", callID: uri),
            from: H.alice
        ).last
    }

    @Test("finds users of the same name in the table of their domain alone")
    func tables() throws {
        var proxy = try H(script: Self.script)
        _ = proxy.receive(self.register("sip:bob@one.example", at: H.bob, cSeq: 1), from: H.bob)
        #expect(self.call(&proxy, "sip:bob@one.example")?.to == H.bob)
        #expect(self.call(&proxy, "sip:bob@pbx.one.example:5062")?.to == H.bob)
        #expect(self.call(&proxy, "sip:bob@two.example")?.startLine == "SIP/2.0 404 Not In Two")
        _ = proxy.receive(self.register("sip:bob@two.example", at: H.carol, cSeq: 2), from: H.carol)
        #expect(self.call(&proxy, "sip:bob@two.example")?.to == H.carol)
        #expect(self.call(&proxy, "sip:bob@one.example")?.to == H.bob)
        #expect(self.call(&proxy, "sip:bob@stone.example")?.startLine == "SIP/2.0 403 Not Ours")
    }
}
