import SIPKit
import SIPNet
import Testing

@testable import miniproxy

@Suite("What a script makes of the network around it")
struct NetworkTests {
    typealias H = ShardHarness

    private func sent(_ proxy: inout H, _ text: String, from source: SocketAddress = H.alice) throws -> H.Sent {
        try #require(proxy.receive(text, from: source).last)
    }

    @Test("with mhomed the kernel's routes choose the socket that sends, without it the one that received")
    func multihomed() throws {
        let other = try #require(SocketAddress("127.0.0.2:5060"))
        for (setting, via) in [("mhomed=1\n", "127.0.0.1:5061"), ("", "127.0.0.2")] {
            var proxy = try H(
                script: setting + "loadmodule \"tm.so\"\nroute { t_relay(); }",
                sockets: [ListenSocket(other), ListenSocket(try #require(SocketAddress("127.0.0.1:5061")))])
            let sent = try self.sent(&proxy, H.request("OPTIONS", "sip:bob@127.0.0.1:6002", at: H.alice))
            #expect(sent.header(.via).hasPrefix("SIP/2.0/UDP \(via);branch="))
        }
    }

    @Test("a phone that knows its public address (STUN) is left as it is; one that does not is mended")
    func publicAddress() throws {
        var proxy = try H(
            script: """
                loadmodule "tm.so"
                loadmodule "nathelper.so"
                route { if (nat_uac_test("19")) { fix_nated_contact(); } t_relay(); }
                """)
        func contact(_ text: String, _ branch: String) throws -> String {
            try self.sent(
                &proxy,
                H.request(
                    "OPTIONS", "sip:bob@127.0.0.1:6002", at: H.alice, branch: branch,
                    headers: "Contact: <\(text)>\r\n")
            ).header(.contact)
        }
        #expect(try contact("sip:alice@198.51.100.7:6001", "z9hG4bK1") == "<sip:alice@198.51.100.7:6001>")
        #expect(try contact("sip:alice@10.0.0.7:6001", "z9hG4bK2") == "<sip:alice@127.0.0.1:6001>")
    }

    @Test("a PBX is the next hop for its numbers, whatever domain they were called in")
    func nextHop() throws {
        var proxy = try H(
            script: """
                loadmodule "sl.so"
                loadmodule "tm.so"
                route {
                    if (uri=~"^sip:8[0-9]{3}@") { rewritehostport("127.0.0.1:6003"); t_relay(); break; }
                    sl_send_reply("404", "Not Found");
                }
                """)
        let call = try self.sent(&proxy, H.request("INVITE", "sip:8123@127.0.0.1", at: H.alice))
        #expect(call.startLine == "INVITE sip:8123@127.0.0.1:6003 SIP/2.0")
        #expect(call.to == H.carol)
        let other = try self.sent(&proxy, H.request("INVITE", "sip:9123@127.0.0.1", at: H.alice, branch: "z9hG4bK2"))
        #expect(other.startLine == "SIP/2.0 404 Not Found")
    }
}
