import SIPKit
import SIPNet
import Testing

@testable import miniproxy

@Suite("Where a request is sent")
struct DestinationTests {
    typealias H = ShardHarness

    private static let relay = """
        loadmodule "tm.so"
        route { t_relay(); }
        """
    private static let recordRoute = """
        loadmodule "tm.so"
        loadmodule "rr.so"
        route {
            if (loose_route()) { t_relay(); break; }
            record_route();
            t_relay();
        }
        """
    private static let streams = [
        ListenSocket(H.proxy), ListenSocket(H.proxy, .tcp), ListenSocket(SocketAddress("127.0.0.1:5061")!, .tls),
    ]

    private static func target(_ address: SocketAddress, _ transport: TransportProtocol = .udp) -> ResolvedTarget {
        ResolvedTarget(address, transport, serverName: "service.example")
    }

    private func invite(_ uri: String) -> String { H.request("INVITE", uri, at: H.alice) }

    @Test("a host name is waited for: 100 at once, the request when the answer is there")
    func waits() throws {
        var proxy = try H(script: Self.relay)
        proxy.names = nil
        #expect(proxy.receive(self.invite("sip:x@service.example"), from: H.alice).map(\.startLine).count == 1)
        #expect(proxy.shard.lookups.map { String(decoding: $0.request.host, as: UTF8.self) } == ["service.example"])
        // A repeat is absorbed while it waits.
        #expect(
            proxy.receive(self.invite("sip:x@service.example"), from: H.alice).map(\.startLine) == [
                "SIP/2.0 100 trying -- your call is important to us"
            ])
        #expect(proxy.shard.lookups.count == 1)
        proxy.names = ["service.example": [Self.target(H.bob)]]
        let sent = proxy.wait(milliseconds: 10)
        #expect(sent.map(\.startLine) == ["INVITE sip:x@service.example SIP/2.0"])
        #expect(sent.first?.to == H.bob)
    }

    @Test("a CANCEL meanwhile ends it: nothing is sent on")
    func cancelledWhileWaiting() throws {
        var proxy = try H(
            script: """
                loadmodule "tm.so"
                route { t_relay(); }
                """)
        proxy.names = nil
        _ = proxy.receive(self.invite("sip:x@service.example"), from: H.alice)
        let answer = proxy.receive(H.request("CANCEL", "sip:x@service.example", at: H.alice), from: H.alice)
        #expect(answer.map(\.startLine) == ["SIP/2.0 200 canceling"])
        proxy.names = ["service.example": [Self.target(H.bob)]]
        #expect(proxy.wait(milliseconds: 10).map(\.startLine) == ["SIP/2.0 487 Request Terminated"])
    }

    @Test("names that nobody answers for are given up after 16 s")
    func givesUp() throws {
        var proxy = try H(script: Self.relay)
        proxy.names = nil
        _ = proxy.receive(self.invite("sip:x@service.example"), from: H.alice)
        #expect(proxy.wait(milliseconds: 15_000).isEmpty)
        let sent = proxy.wait(milliseconds: 1_500)
        #expect(sent.first?.startLine.hasPrefix("SIP/2.0 478 ") == true)
    }

    @Test(
        "the next place is tried after a time-out, an error of the network, and 503",
        arguments: ["time-out", "error", "503"])
    func failsOver(cause: String) throws {
        var proxy = try H(script: Self.relay)
        proxy.names = ["service.example": [Self.target(H.bob), Self.target(H.carol)]]
        let first = proxy.receive(self.invite("sip:x@service.example"), from: H.alice)
        try #require(first.count == 2 && first[1].to == H.bob)
        let sent: [H.Sent]
        switch cause {
        case "time-out": sent = proxy.wait(milliseconds: 32_500)
        case "error": sent = proxy.fail(H.bob)
        default: sent = proxy.receive(H.response(503, "Service Unavailable", to: first[1]), from: H.bob)
        }
        let second = try #require(sent.last { $0.to == H.carol })
        #expect(second.startLine == "INVITE sip:x@service.example SIP/2.0")
        let (old, new) = (first[1].message?.values(.via).count, second.message?.values(.via).count)
        #expect(old == 2 && new == 2)
        #expect(first[1].header(.via) != second.header(.via), "a new transaction has a new branch")
        #expect(!sent.contains { $0.startLine.hasPrefix("SIP/2.0") }, "the caller hears nothing of it")

        let answer = proxy.receive(H.response(200, "OK", to: second, contact: H.carol), from: H.carol)
        #expect(answer.map(\.startLine) == ["SIP/2.0 200 OK"])
        #expect(answer.first?.to == H.alice)
        // The next call goes to the one that answers, for a while.
        let next = proxy.receive(
            H.request("INVITE", "sip:x@service.example", at: H.alice, branch: "z9hG4bKtwo", callID: "call-2"),
            from: H.alice)
        #expect(next.last?.to == H.carol)
    }

    @Test("with no next place the failure is the answer")
    func lastPlace() throws {
        var proxy = try H(script: Self.relay)
        proxy.names = ["service.example": [Self.target(H.bob), Self.target(H.carol)]]
        _ = proxy.receive(self.invite("sip:x@service.example"), from: H.alice)
        _ = proxy.fail(H.bob)
        #expect(proxy.fail(H.carol).map(\.startLine) == ["SIP/2.0 503 Service Unavailable"])
        _ = proxy.receive(H.request("ACK", "sip:x@service.example", at: H.alice), from: H.alice)
        _ = proxy.wait(milliseconds: 60_000)
        #expect(proxy.shard.pool.inUse == 0)
        #expect(proxy.shard.branches.liveCount == 0)
        #expect(proxy.shard.alternatives.isEmpty)
    }

    @Test("from UDP to TCP there are two Record-Route lines, and both are taken off on the way back")
    func doubleRecordRoute() throws {
        var proxy = try H(script: Self.recordRoute, sockets: Self.streams)
        let sent = proxy.receive(self.invite("sip:bob@127.0.0.1:6002;transport=tcp"), from: H.alice)
        let invite = try #require(sent.last)
        #expect(invite.over == .tcp)
        #expect(invite.header(.via).hasPrefix("SIP/2.0/TCP 127.0.0.1"))
        let routes = (invite.message?.values(.recordRoute) ?? []).compactMap { invite.message?.text($0) }
        #expect(
            routes == [
                "<sip:127.0.0.1:5060;transport=tcp;ftag=a1;lr;r2=on>", "<sip:127.0.0.1;ftag=a1;lr;r2=on>",
            ])
        let bye = H.request(
            "BYE", "sip:alice@127.0.0.1:6001", from: "bob", to: "alice", at: H.bob, branch: "z9hG4bKbye", cSeq: 9,
            fromTag: "b1", toTag: "a1", headers: "Route: \(routes[0])\r\nRoute: \(routes[1])\r\n")
        let back = proxy.receive(bye, over: Peer(H.bob, .tcp, socket: 1, connection: 7))
        #expect(back.last?.to == H.alice)
        #expect(back.last?.over == .udp)
        #expect(back.last?.header(.route) == "")
    }

    @Test("over one transport there is one line, as ever")
    func singleRecordRoute() throws {
        var proxy = try H(script: Self.recordRoute, sockets: Self.streams)
        let sent = proxy.receive(self.invite("sip:bob@127.0.0.1:6002"), from: H.alice)
        let routes = (sent.last?.message?.values(.recordRoute) ?? []).compactMap { sent.last?.message?.text($0) }
        #expect(routes == ["<sip:127.0.0.1;ftag=a1;lr>"])
    }

    @Test("a large request goes over TCP, and by UDP after all where nobody takes it there (RFC 3261 §18.1.1)")
    func largeRequest() throws {
        var settings = ProxySettings()
        settings.udpMTU = 1_300
        var proxy = try H(settings: settings, script: Self.relay, sockets: Self.streams)
        let large = H.request(
            "INVITE", "sip:bob@127.0.0.1:6002", at: H.alice,
            headers: "X-Pad: \(String(repeating: "a", count: 1_200))\r\n")
        let first = proxy.receive(large, from: H.alice)
        #expect(first.last?.over == .tcp)
        proxy.shard.deliveryFailed(H.bob, .tcp, now: proxy.now)
        let second = proxy.wait(milliseconds: 1)
        #expect(second.map(\.over) == [.udp])
        #expect(second.first?.header(.via).hasPrefix("SIP/2.0/UDP") == true)
        // That it takes no TCP is remembered.
        let next = proxy.receive(
            large.replacing("z9hG4bKone", with: "z9hG4bKtwo").replacing("call-1", with: "call-2"), from: H.alice)
        #expect(next.last?.over == .udp)
    }

    @Test("a contact that was registered over a connection is reached over it")
    func registeredOverConnection() throws {
        var proxy = try H(sockets: Self.streams)
        let phone = Peer(SocketAddress("127.0.0.9:40000")!, .tcp, socket: 1, connection: 5)
        _ = proxy.receive(
            H.request(
                "REGISTER", "sip:127.0.0.1:5060", from: "bob", to: "bob", at: H.bob,
                headers: "Contact: <sip:bob@nowhere.invalid;transport=tcp>\r\n"), over: phone)
        let sent = proxy.receive(self.invite("sip:bob@127.0.0.1:5060"), from: H.alice)
        #expect(sent.last?.startLine == "INVITE sip:bob@nowhere.invalid;transport=tcp SIP/2.0")
        #expect(sent.last?.to == phone.address)
        #expect(sent.last?.over == .tcp)
        // So are the later requests of the dialog, though nobody can resolve the host of its Contact.
        let bye = proxy.receive(
            H.request(
                "BYE", "sip:bob@nowhere.invalid;transport=tcp", at: H.alice, branch: "z9hG4bKbye", cSeq: 2, toTag: "b1",
                headers: "Route: <sip:127.0.0.1:5060;lr>\r\n"), from: H.alice)
        #expect(bye.last?.to == phone.address)
        #expect(bye.last?.over == .tcp)
        // Answers to what came over a connection go over it.
        let answer = proxy.receive(
            H.request("OPTIONS", "sip:127.0.0.1:5060", at: H.bob, branch: "z9hG4bKopt", callID: "o"), over: phone)
        #expect(answer.map(\.to) == [phone.address])
    }

    @Test(
        "what a URI may not lead to is refused",
        arguments: ["sip:x@224.0.1.75", "sip:x@255.255.255.255", "sip:x@0.0.0.0", "sips:x@127.0.0.1;transport=udp"])
    func refused(uri: String) throws {
        var proxy = try H(script: Self.relay, sockets: Self.streams)
        let sent = proxy.receive(self.invite(uri), from: H.alice)
        #expect(sent.allSatisfy { $0.to == H.alice })
        #expect(sent.last?.startLine.hasPrefix("SIP/2.0 479") == true)
    }
}
