import SIPKit
import SIPNet
import Testing

@testable import miniproxy

@Suite("A call through the proxy")
struct CallTests {
    typealias H = ShardHarness

    @Test("INVITE is answered with 100 and forwarded with our Via, Record-Route and one hop less")
    func inviteIsForwarded() throws {
        var proxy = try H()
        #expect(proxy.register("bob", at: H.bob).map(\.startLine) == ["SIP/2.0 200 OK"])
        let sent = proxy.receive(H.request("INVITE", "sip:bob@127.0.0.1:5060", at: H.alice), from: H.alice)
        #expect(
            sent.map(\.startLine) == [
                "SIP/2.0 100 trying -- your call is important to us", "INVITE sip:bob@127.0.0.1:6002 SIP/2.0",
            ])
        try #require(sent.count == 2)
        #expect(sent[0].to == H.alice)
        #expect(sent[1].to == H.bob)
        let forwarded = try #require(sent[1].message)
        #expect(forwarded.text(.maxForwards) == "69")
        #expect(forwarded.text(.recordRoute) == "<sip:127.0.0.1;ftag=a1;lr>")
        #expect(forwarded.values(.via).count == 2)
        #expect(forwarded.text(.via)?.hasPrefix("SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK") == true)
        #expect(sent[1].bytes.count == sent[1].text.utf8.count)
    }

    @Test("180 and 200 go back to the caller without our Via; the ACK and the BYE follow the route")
    func wholeCall() throws {
        var proxy = try H()
        _ = proxy.register("bob", at: H.bob)
        let invite = try #require(
            proxy.receive(H.request("INVITE", "sip:bob@127.0.0.1:5060", at: H.alice), from: H.alice).last)
        let ringing = proxy.receive(H.response(180, "Ringing", to: invite), from: H.bob)
        #expect(ringing.map(\.startLine) == ["SIP/2.0 180 Ringing"])
        #expect(ringing.first?.to == H.alice)
        #expect(ringing.first?.message?.values(.via).count == 1)
        let ok = proxy.receive(H.response(200, "OK", to: invite, contact: H.bob), from: H.bob)
        #expect(ok.map(\.startLine) == ["SIP/2.0 200 OK"])
        let route = "Route: \(ok.first?.header(.recordRoute) ?? "")\r\n"
        let ack = proxy.receive(
            H.request("ACK", "sip:bob@127.0.0.1:6002", at: H.alice, branch: "z9hG4bKack", toTag: "b1", headers: route),
            from: H.alice)
        #expect(ack.map(\.startLine) == ["ACK sip:bob@127.0.0.1:6002 SIP/2.0"])
        #expect(ack.first?.to == H.bob)
        #expect(ack.first?.message?.first(.route) == nil)
        let bye = proxy.receive(
            H.request(
                "BYE", "sip:bob@127.0.0.1:6002", at: H.alice, branch: "z9hG4bKbye", cSeq: 2, toTag: "b1", headers: route
            ),
            from: H.alice)
        #expect(bye.map(\.startLine) == ["BYE sip:bob@127.0.0.1:6002 SIP/2.0"])
        let done = proxy.receive(H.response(200, "OK", to: try #require(bye.first)), from: H.bob)
        #expect(done.map(\.startLine) == ["SIP/2.0 200 OK"])
        #expect(done.first?.to == H.alice)
        _ = proxy.wait(milliseconds: 40_000)
        #expect(proxy.shard.servers.liveCount == 0)
        #expect(proxy.shard.branches.liveCount == 0)
        #expect(proxy.shard.pool.inUse == 0)
    }

    @Test("a repeated request is absorbed and gets the last answer again")
    func repeats() throws {
        var proxy = try H()
        _ = proxy.register("bob", at: H.bob)
        let request = H.request("INVITE", "sip:bob@127.0.0.1:5060", at: H.alice)
        let invite = try #require(proxy.receive(request, from: H.alice).last)
        #expect(
            proxy.receive(request, from: H.alice).map(\.startLine) == [
                "SIP/2.0 100 trying -- your call is important to us"
            ])
        _ = proxy.receive(H.response(180, "Ringing", to: invite), from: H.bob)
        #expect(proxy.receive(request, from: H.alice).map(\.startLine) == ["SIP/2.0 180 Ringing"])
        _ = proxy.receive(H.response(200, "OK", to: invite), from: H.bob)
        #expect(
            proxy.receive(request, from: H.alice).isEmpty, "after a 2xx its sender repeats it, not the proxy (RFC 6026)"
        )
    }

    @Test("a 2xx that is repeated goes to the caller again, so that the ACK is repeated")
    func repeated2xx() throws {
        var proxy = try H()
        _ = proxy.register("bob", at: H.bob)
        let invite = try #require(
            proxy.receive(H.request("INVITE", "sip:bob@127.0.0.1:5060", at: H.alice), from: H.alice).last)
        let ok = H.response(200, "OK", to: invite)
        _ = proxy.receive(ok, from: H.bob)
        let again = proxy.receive(ok, from: H.bob)
        #expect(again.map(\.startLine) == ["SIP/2.0 200 OK"])
        #expect(again.first?.to == H.alice)
    }

    @Test("a refusal is acknowledged hop by hop and repeated until the caller's ACK")
    func refusal() throws {
        var proxy = try H()
        _ = proxy.register("bob", at: H.bob)
        let invite = try #require(
            proxy.receive(H.request("INVITE", "sip:bob@127.0.0.1:5060", at: H.alice), from: H.alice).last)
        let sent = proxy.receive(H.response(486, "Busy Here", to: invite), from: H.bob)
        #expect(sent.map(\.startLine).sorted() == ["ACK sip:bob@127.0.0.1:6002 SIP/2.0", "SIP/2.0 486 Busy Here"])
        let ack = try #require(sent.first { $0.startLine.hasPrefix("ACK") })
        #expect(ack.to == H.bob)
        #expect(ack.header(.via) == invite.header(.via))
        #expect(ack.header(.to).contains(";tag=b1"))
        #expect(proxy.wait(milliseconds: 600).map(\.startLine) == ["SIP/2.0 486 Busy Here"])
        #expect(
            proxy.receive(H.request("ACK", "sip:bob@127.0.0.1:5060", at: H.alice, toTag: "b1"), from: H.alice).isEmpty)
        #expect(proxy.wait(milliseconds: 4_000).isEmpty, "the ACK ends the repeats")
    }

    @Test("CANCEL is answered, follows the first provisional answer, and the 487 goes to the caller")
    func cancel() throws {
        var proxy = try H()
        _ = proxy.register("bob", at: H.bob)
        let invite = try #require(
            proxy.receive(H.request("INVITE", "sip:bob@127.0.0.1:5060", at: H.alice), from: H.alice).last)
        let cancelled = proxy.receive(H.request("CANCEL", "sip:bob@127.0.0.1:5060", at: H.alice), from: H.alice)
        #expect(
            cancelled.map(\.startLine) == ["SIP/2.0 200 canceling"],
            "no CANCEL before there was an answer (RFC 3261 §9.1)")
        let sent = proxy.receive(H.response(180, "Ringing", to: invite), from: H.bob)
        let cancel = try #require(sent.first { $0.startLine.hasPrefix("CANCEL") })
        #expect(cancel.startLine == "CANCEL sip:bob@127.0.0.1:6002 SIP/2.0")
        #expect(cancel.header(.via) == invite.header(.via))
        #expect(cancel.header(.cSeq) == "1 CANCEL")
        #expect(proxy.receive(H.response(200, "OK", to: cancel), from: H.bob).isEmpty)
        let ended = proxy.receive(H.response(487, "Request Terminated", to: invite), from: H.bob)
        #expect(ended.map(\.startLine).contains("SIP/2.0 487 Request Terminated"))
    }

    @Test("an INVITE that nobody answers is repeated at T1, 2·T1 … and ends with 408 after 32 s")
    func timeout() throws {
        var proxy = try H()
        _ = proxy.register("bob", at: H.bob)
        _ = proxy.receive(H.request("INVITE", "sip:bob@127.0.0.1:5060", at: H.alice), from: H.alice)
        let sent = proxy.wait(milliseconds: 31_700)
        #expect(sent.map(\.startLine) == Array(repeating: "INVITE sip:bob@127.0.0.1:6002 SIP/2.0", count: 6))
        #expect(proxy.wait(milliseconds: 400).map(\.startLine) == ["SIP/2.0 408 Request Timeout"])
    }

    @Test("another request that nobody answers ends in silence (RFC 4320)")
    func nonInviteTimeout() throws {
        var proxy = try H()
        _ = proxy.register("bob", at: H.bob)
        _ = proxy.receive(H.request("MESSAGE", "sip:bob@127.0.0.1:5060", at: H.alice), from: H.alice)
        let sent = proxy.wait(milliseconds: 40_000)
        #expect(sent.allSatisfy { $0.startLine.hasPrefix("MESSAGE") })
        #expect(sent.count == 10)
        #expect(proxy.shard.servers.liveCount == 0)
    }

    @Test("an address that the network knows to be dead ends the wait at once with 503")
    func deadAddress() throws {
        var proxy = try H()
        _ = proxy.register("bob", at: H.bob)
        _ = proxy.receive(H.request("INVITE", "sip:bob@127.0.0.1:5060", at: H.alice), from: H.alice)
        let sent = proxy.fail(H.bob)
        #expect(sent.map(\.startLine) == ["SIP/2.0 503 Service Unavailable"])
    }

    @Test("the ACK of an answer that was given without state is absorbed")
    func statelessAck() throws {
        var proxy = try H()
        let refused = try #require(
            proxy.receive(H.request("INVITE", "sip:nobody@127.0.0.1:5060", at: H.alice), from: H.alice).first)
        #expect(refused.startLine == "SIP/2.0 404 Not Found")
        let tag = String(refused.header(.to).split(separator: "=").last ?? "")
        #expect(
            proxy.receive(
                H.request("ACK", "sip:nobody@127.0.0.1:5060", to: "bob", at: H.alice, toTag: tag), from: H.alice
            ).isEmpty)
    }
}

@Suite("Forwarding without state (RFC 3261 §16.11)")
struct StatelessTests {
    typealias H = ShardHarness

    private static let script = """
        loadmodule "tm.so"
        route { rewritehostport("127.0.0.1:6002"); forward(uri:host, uri:port); }
        """

    @Test("answers of every kind go back to who asked, and nothing is kept")
    func answers() throws {
        var proxy = try H(script: Self.script)
        let request = H.request("INVITE", "sip:bob@example.org", at: H.alice)
        let invite = try #require(proxy.receive(request, from: H.alice).first)
        #expect(invite.to == H.bob && invite.startLine == "INVITE sip:bob@127.0.0.1:6002 SIP/2.0")
        for (status, reason) in [(180, "Ringing"), (200, "OK"), (200, "OK"), (486, "Busy Here")] {
            let sent = proxy.receive(H.response(status, reason, to: invite), from: H.bob)
            #expect(sent.map(\.startLine) == ["SIP/2.0 \(status) \(reason)"])
            #expect(sent.map(\.to) == [H.alice] && sent.first?.message?.values(.via).count == 1)
        }
        // A repeat has the same branch, and so have CANCEL and ACK, or nobody could tell what they belong to.
        let others = ["INVITE", "CANCEL", "ACK"].map { method in
            proxy.receive(H.request(method, "sip:bob@example.org", at: H.alice), from: H.alice).first
        }
        let branch = invite.header(.via)
        #expect(others.map { $0?.header(.via) } == [branch, branch, branch])
        let second = proxy.receive(
            H.request("OPTIONS", "sip:bob@example.org", at: H.alice, branch: "z9hG4bKtwo", cSeq: 2), from: H.alice)
        #expect(second.first?.header(.via) != branch)
        #expect(proxy.shard.servers.liveCount == 0 && proxy.shard.branches.liveCount == 0)
        #expect(proxy.wait(milliseconds: 40_000).isEmpty)
    }

    @Test("an answer goes to nobody else, whatever its sender writes into the Via below ours")
    func forged() throws {
        var proxy = try H(script: Self.script)
        let invite = try #require(
            proxy.receive(H.request("INVITE", "sip:bob@example.org", at: H.alice), from: H.alice).first)
        let ok = H.response(200, "OK", to: invite)
        let other = ok.replacing("SIP/2.0/UDP 127.0.0.1:6001", with: "SIP/2.0/UDP 192.0.2.66:9")
        #expect(other != ok)
        #expect(proxy.receive(other, from: H.bob).isEmpty)
        let made = ok.replacing("branch=z9hG4bKff", with: "branch=z9hG4bKfe")
        #expect(made != ok)
        #expect(proxy.receive(made, from: H.bob).isEmpty)
    }
}

@Suite("Forking (RFC 3261 §16.7)")
struct ForkTests {
    typealias H = ShardHarness

    private func ring(_ proxy: inout H) -> [H.Sent] {
        _ = proxy.register("bob", at: H.bob)
        proxy.now = proxy.now.adding(milliseconds: 10)
        _ = proxy.register("bob", at: H.carol)
        let sent = proxy.receive(H.request("INVITE", "sip:bob@127.0.0.1:5060", at: H.alice), from: H.alice)
        return Array(sent.dropFirst())
    }

    @Test("all contacts ring; the first 2xx wins and the other branch is cancelled")
    func firstWins() throws {
        var proxy = try H()
        let branches = self.ring(&proxy)
        try #require(branches.count == 2)
        #expect(Set(branches.map(\.to)) == [H.bob, H.carol])
        _ = proxy.receive(H.response(180, "Ringing", to: branches[0], tag: "r0"), from: branches[0].to)
        _ = proxy.receive(H.response(180, "Ringing", to: branches[1], tag: "r1"), from: branches[1].to)
        let sent = proxy.receive(H.response(200, "OK", to: branches[0], tag: "r0"), from: branches[0].to)
        #expect(sent.contains { $0.startLine == "SIP/2.0 200 OK" && $0.to == H.alice })
        #expect(sent.contains { $0.startLine.hasPrefix("CANCEL") && $0.to == branches[1].to })
        let late = proxy.receive(
            H.response(487, "Request Terminated", to: branches[1], tag: "r1"), from: branches[1].to)
        #expect(late.map(\.startLine).allSatisfy { $0.hasPrefix("ACK") }, "the caller has its answer already")
    }

    @Test("the best refusal goes up when all have refused")
    func bestAnswer() throws {
        var proxy = try H()
        let branches = self.ring(&proxy)
        try #require(branches.count == 2)
        let first = proxy.receive(H.response(503, "Service Unavailable", to: branches[0]), from: branches[0].to)
        #expect(first.allSatisfy { $0.startLine.hasPrefix("ACK") })
        let second = proxy.receive(H.response(486, "Busy Here", to: branches[1]), from: branches[1].to)
        #expect(second.contains { $0.startLine == "SIP/2.0 486 Busy Here" && $0.to == H.alice })
    }

    @Test("a 6xx ends the other branches at once")
    func decline() throws {
        var proxy = try H()
        let branches = self.ring(&proxy)
        try #require(branches.count == 2)
        _ = proxy.receive(H.response(180, "Ringing", to: branches[1], tag: "r1"), from: branches[1].to)
        let sent = proxy.receive(H.response(603, "Decline", to: branches[0]), from: branches[0].to)
        #expect(sent.contains { $0.startLine.hasPrefix("CANCEL") && $0.to == branches[1].to })
        let ended = proxy.receive(
            H.response(487, "Request Terminated", to: branches[1], tag: "r1"), from: branches[1].to)
        #expect(ended.contains { $0.startLine == "SIP/2.0 603 Decline" })
    }
}

@Suite("What strangers send")
struct StrangerTests {
    typealias H = ShardHarness

    @Test("a response whose Via we did not write leads nowhere")
    func strayResponse() throws {
        var proxy = try H()
        let forged =
            "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK00000000000000000000000000000000\r\nVia: SIP/2.0/UDP 192.0.2.1:9\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
        #expect(proxy.receive(forged, from: H.bob).isEmpty)
        #expect(proxy.shard.statistics.strayResponses == 1)
    }

    @Test("a request that comes back unchanged has gone in a circle: 482")
    func loop() throws {
        var proxy = try H()
        let other = SocketAddress("127.0.0.1:7000")!
        _ = proxy.register("bob", at: other)
        let invite = try #require(
            proxy.receive(H.request("INVITE", "sip:bob@127.0.0.1:5060", at: H.alice), from: H.alice).last)
        // The next server sends it back with the target it had when it came to us first.
        let back = invite.text
            .replacing("INVITE sip:bob@127.0.0.1:7000", with: "INVITE sip:bob@127.0.0.1:5060")
            .replacing("Max-Forwards: 69\r\n", with: "Max-Forwards: 68\r\n")
        let via = "Via: SIP/2.0/UDP 127.0.0.1:7000;branch=z9hG4bKother\r\n"
        let start = try #require(back.firstRange(of: "Via: "))
        let sent = proxy.receive(
            String(back[..<start.lowerBound]) + via + String(back[start.lowerBound...]), from: other)
        #expect(sent.map(\.startLine) == ["SIP/2.0 482 Loop Detected"])
    }

    @Test("Max-Forwards 0 ends with 483, and nothing is forwarded")
    func noMoreHops() throws {
        var proxy = try H()
        _ = proxy.register("bob", at: H.bob)
        let sent = proxy.receive(
            H.request("INVITE", "sip:bob@127.0.0.1:5060", at: H.alice, maxForwards: 0), from: H.alice)
        #expect(sent.map(\.startLine) == ["SIP/2.0 483 Too Many Hops"])
    }

    @Test("a request that would not fit into a datagram any more is refused with 513")
    func tooLarge() throws {
        var proxy = try H()
        _ = proxy.register("bob", at: H.bob)
        let padding = "X-Padding: " + String(repeating: "x", count: 64_000) + "\r\n"
        let sent = proxy.receive(
            H.request("INVITE", "sip:bob@127.0.0.1:5060", at: H.alice, headers: padding), from: H.alice)
        #expect(sent.map(\.startLine) == ["SIP/2.0 513 Message Too Large"])
        let fitting = "X-Padding: " + String(repeating: "x", count: 63_000) + "\r\n"
        let forwarded = proxy.receive(
            H.request("INVITE", "sip:bob@127.0.0.1:5060", at: H.alice, branch: "z9hG4bKfit", headers: fitting),
            from: H.alice)
        #expect(forwarded.count == 2)
        #expect(forwarded.allSatisfy { $0.bytes.count < 65_507 })
    }

    @Test(
        "keep-alives and noise are no fault and get no answer",
        arguments: ["\r\n\r\n", "\0\0\0\0", "hello, world\r\n\r\n"])
    func noise(_ text: String) throws {
        var proxy = try H()
        #expect(proxy.receive(text, from: H.alice).isEmpty)
    }

    @Test("any cut of a request leaves the proxy alive and quiet or with a refusal")
    func cuts() throws {
        var proxy = try H()
        _ = proxy.register("bob", at: H.bob)
        let whole = Array(H.request("INVITE", "sip:bob@127.0.0.1:5060", at: H.alice).utf8)
        for length in 0..<whole.count {
            let sent = proxy.receive(Array(whole[..<length]), from: H.alice)
            #expect(sent.allSatisfy { $0.startLine.hasPrefix("SIP/2.0 4") || $0.startLine.hasPrefix("SIP/2.0 5") })
        }
        #expect(proxy.receive(whole, from: H.alice).count == 2)
    }
}
