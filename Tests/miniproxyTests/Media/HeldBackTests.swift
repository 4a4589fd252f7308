import SIPKit
import SIPNet
import Testing

@testable import miniproxy

@Suite("A message that waits for a media engine")
struct HeldBackTests {
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

    @Test("a request is parked; a response is held back, with its repeats, and comes in again when the port is known")
    func waits() throws {
        let engine = try UDPEndpoint(bind: SocketAddress(.loopbackV4, 0))
        let woken = WorkQueue<Bool>(limit: 10)
        let client = try RTPProxyClient(
            .udp(engine.localAddress), MediaSettings(), log: ProxyLog(threshold: -9)
        ) { _ = woken.put(true) }
        client.start()
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
        let command = try Self.next(engine)
        #expect(command.text.hasPrefix("L call-1 127.0.0.1 5000 a1;1 b1;1"), "\(command.text)")
        engine.enqueue(copying: Array("\(command.cookie) 40002 192.0.2.50\n".utf8), to: command.sender)
        _ = engine.flush()
        _ = woken.take(most: 1, within: 10)
        let held = client.takeReady()
        #expect(held.count == 1)
        let first = try #require(held.first)
        let upstream = proxy.receive(first.bytes, over: first.peer)
        let final = try #require(upstream.first { $0.startLine == "SIP/2.0 200 OK" })
        #expect(final.to == H.alice)
        #expect(final.text.contains("c=IN IP4 192.0.2.50\r\n") && final.text.contains("m=audio 40002 RTP/AVP 0\r\n"))
    }

    @Test("an engine that is down makes the function false")
    func down() throws {
        let engine = try UDPEndpoint(bind: SocketAddress(.loopbackV4, 0))
        let client = try RTPProxyClient(
            .udp(engine.localAddress), MediaSettings(), log: ProxyLog(threshold: -9)
        ) {}
        var proxy = try H(script: Self.script, rtpproxy: client)
        let offer = Self.carrying(H.request("INVITE", "sip:bob@127.0.0.1:6002", at: H.alice), "10.0.0.5", 4_000)
        _ = proxy.receive(offer, from: H.alice)
        let asked = proxy.shard.questions.popLast()
        let pending = try #require(asked)
        let relayed = proxy.answer(pending.number, .failed)
        let invite = try #require(relayed.first { $0.startLine.hasPrefix("INVITE") })
        #expect(invite.text.contains("c=IN IP4 10.0.0.5\r\n"), "it goes on as it was")
    }

    /// The next command that the engine gets.
    private static func next(_ engine: UDPEndpoint) throws -> (cookie: String, text: String, sender: SocketAddress) {
        let loop = try EventLoop()
        try loop.add(engine.descriptor, token: 1)
        let clock = SystemClock()
        _ = loop.wait(until: clock.now().adding(milliseconds: 10_000), now: clock.now())
        let batch = engine.receive()
        try #require(batch.count > 0)
        let line = String(decoding: UnsafeBufferPointer<UInt8>(batch[0].bytes), as: UTF8.self)
        let parts = line.split(separator: " ", maxSplits: 1)
        try #require(parts.count == 2)
        return (String(parts[0]), String(parts[1]), batch[0].source)
    }
}
