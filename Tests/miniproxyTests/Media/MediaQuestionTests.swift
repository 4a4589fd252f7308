import SIPKit
import SIPNet
import Testing

@testable import miniproxy

@Suite("A message that waits for a media engine")
struct MediaQuestionTests {
    typealias H = ShardHarness

    private static let script = """
        loadmodule "tm.so"
        loadmodule "nathelper.so"
        route {
            if (method=="INVITE") {
                if (!force_rtp_proxy()) setflag(2);
                t_on_reply("1");
            };
            t_relay();
        }
        onreply_route[1] {
            force_rtp_proxy();
        }
        """

    private static func carrying(_ message: String, _ address: String, _ port: Int) -> String {
        let body =
            "v=0\r\no=- 1 1 IN IP4 \(address)\r\ns=-\r\nc=IN IP4 \(address)\r\nt=0 0\r\nm=audio \(port) RTP/AVP 0\r\n"
        return message.replacing(
            "Content-Length: 0\r\n\r\n",
            with: "Content-Type: application/sdp\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    @Test("a request is parked, and so is a response, whose repeats are absorbed meanwhile")
    func waits() throws {
        let client = try RTPProxyClient(
            .udp(SocketAddress(.loopbackV4, 9)), MediaSettings(), log: ProxyLog(threshold: -9))
        var proxy = try H(script: Self.script, rtpproxy: client)

        let offer = Self.carrying(H.request("INVITE", "sip:bob@127.0.0.1:6002", at: H.alice), "10.0.0.5", 4_000)
        #expect(!proxy.receive(offer, from: H.alice).contains { $0.startLine.hasPrefix("INVITE") })
        let asked = proxy.shard.questions.popLast()
        let pending = try #require(asked)
        guard case .media(let order) = pending.question else {
            Issue.record("asks for \(pending.question)")
            return
        }
        #expect(order.isOffer && order.streams == [SocketAddress(.loopbackV4, 4_000)], "where the message came from")
        let relayed = proxy.answer(
            pending.number, .media([SocketAddress(IPAddress(v4: 0xC000_0232), 40_000)]))
        let invite = try #require(relayed.first { $0.startLine.hasPrefix("INVITE") })
        #expect(invite.text.contains("c=IN IP4 192.0.2.50\r\n") && invite.text.contains("m=audio 40000 RTP/AVP 0\r\n"))

        let answer = Self.carrying(H.response(200, "OK", to: invite, contact: H.bob), "10.1.1.1", 5_000)
        #expect(proxy.receive(answer, from: H.bob).isEmpty)
        #expect(proxy.receive(answer, from: H.bob).isEmpty, "a repeat waits as well")
        let second = proxy.shard.questions.popLast()
        let waiting = try #require(second)
        let others = proxy.shard.questions.count
        #expect(others == 0)
        guard case .media(let reply) = waiting.question else {
            Issue.record("asks for \(waiting.question)")
            return
        }
        #expect(!reply.isOffer && reply.streams == [SocketAddress(.loopbackV4, 5_000)])
        let upstream = proxy.answer(
            waiting.number, .media([SocketAddress(IPAddress(v4: 0xC000_0232), 40_002)]))
        let final = try #require(upstream.first { $0.startLine == "SIP/2.0 200 OK" })
        #expect(final.to == H.alice)
        #expect(final.text.contains("c=IN IP4 192.0.2.50\r\n") && final.text.contains("m=audio 40002 RTP/AVP 0\r\n"))
    }

    @Test("an engine that is down makes the function false")
    func down() throws {
        let client = try RTPProxyClient(
            .udp(SocketAddress(.loopbackV4, 9)), MediaSettings(), log: ProxyLog(threshold: -9))
        var proxy = try H(script: Self.script, rtpproxy: client)
        let offer = Self.carrying(H.request("INVITE", "sip:bob@127.0.0.1:6002", at: H.alice), "10.0.0.5", 4_000)
        _ = proxy.receive(offer, from: H.alice)
        let asked = proxy.shard.questions.popLast()
        let pending = try #require(asked)
        let relayed = proxy.answer(pending.number, .failed)
        let invite = try #require(relayed.first { $0.startLine.hasPrefix("INVITE") })
        #expect(invite.text.contains("c=IN IP4 10.0.0.5\r\n"), "it goes on as it was")
    }
}
