import SIPKit
import Testing

@testable import sipsak

@Suite("Who a Warning is from")
struct HopAgentTests {
    func agent(_ warning: String) throws -> HopAgent? {
        HopAgent(
            try SIPMessage(
                parsing:
                    "SIP/2.0 483 Too Many Hops\r\nVia: SIP/2.0/UDP 13.37.0.1;branch=z1\r\nWarning: \(warning)\r\n\r\n"))
    }

    @Test("SER's noisy feedback tells everything about a hop")
    func noisy() throws {
        let hop = try #require(
            try self.agent(
                #"392 127.0.0.1:25061 "Noisy feedback tells:  pid=24666 req_src_ip=10.0.0.5 req_src_port=54891 in_uri=sip:a@h out_uri=sip:b@h via_cnt==2""#
            ))
        #expect(hop.agent == "127.0.0.1:25061")
        #expect(hop.host == "127.0.0.1")
        #expect(hop.pid == "24666")
        #expect(hop.sourceIP == "10.0.0.5")
        #expect(hop.sourcePort == "54891")
        #expect(hop.incomingURI == "sip:a@h")
        #expect(hop.outgoingURI == "sip:b@h")
        #expect(hop.viaCount == 2)
    }

    @Test("IPv6, agents without a port, without a text, and several values are read")
    func forms() throws {
        #expect(try self.agent(#"392 [2001:db8::1]:5060 "x""#)?.agent == "[2001:db8::1]:5060")
        #expect(try self.agent(#"392 [2001:db8::1]:5060 "x""#)?.host == "[2001:db8::1]")
        #expect(try self.agent(#"392 192.0.2.9 "x""#)?.agent == "192.0.2.9")
        #expect(try self.agent("392 192.0.2.9:5060")?.agent == "192.0.2.9:5060")
        #expect(try self.agent(#"301 a "x", 392 b:1 "y""#)?.agent == "b:1")
    }

    @Test("what is no Warning gives none, and control bytes cannot reach the terminal")
    func hostile() throws {
        for text in ["", "3", "392", "abc", "392 \"", "392 a \"open"] {
            #expect(try self.agent(text) == nil, "\(text)")
        }
        #expect(try self.agent("392 a\u{1B}[2J:1 \"x\"")?.agent == "a\\x1b[2J:1")
    }
}
