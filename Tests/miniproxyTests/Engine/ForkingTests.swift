import SIPKit
import SIPNet
import Testing

@testable import miniproxy

@Suite("A request that would multiply (RFC 5393)")
struct ForkingTests {
    typealias H = ShardHarness

    /// Lets the proxy's own requests come back to it, as they do when users are registered at one another, until
    /// nothing moves.
    ///
    /// - Returns: how many INVITEs it sent.
    private func bomb(_ proxy: inout H, _ request: String) -> Int {
        var waiting = proxy.receive(request, from: H.alice).map { ($0, H.alice) }
        var invites = 0
        while let (sent, _) = waiting.popLast() {
            if sent.startLine.hasPrefix("INVITE") { invites += 1 }
            if invites > 10_000 { break }
            guard sent.to == H.proxy else { continue }
            waiting += proxy.receive(sent.bytes, from: H.proxy).map { ($0, H.proxy) }
        }
        return invites
    }

    @Test(
        "two users registered at each other make a handful of INVITEs, whatever Max-Forwards says",
        arguments: [4, 6, 8, 10, 70])
    func twoUsers(_ hops: Int) throws {
        var proxy = try H()
        for user in ["a", "b"] {
            for (place, other) in ["a", "b"].enumerated() {
                let contact = "<sip:\(other)@127.0.0.1:5060;x=\(user)\(place)>"
                let sent = proxy.receive(
                    H.request(
                        "REGISTER", "sip:127.0.0.1:5060", from: user, to: user, at: H.alice,
                        branch: "z9hG4bK\(user)\(place)",
                        callID: "\(user)\(place)", cSeq: place + 1, headers: "Contact: \(contact)\r\nExpires: 60\r\n"),
                    from: H.alice)
                #expect(sent.map(\.startLine) == ["SIP/2.0 200 OK"])
            }
        }
        let invites = self.bomb(&proxy, H.request("INVITE", "sip:a@127.0.0.1:5060", at: H.alice, maxForwards: hops))
        #expect(invites > 0)
        #expect(invites <= 60)
    }

    @Test("six users registered at one another: the parts of Max-Breadth bound what is under way at one time")
    func sixUsers() throws {
        var proxy = try H()
        let users = ["a", "b", "c", "d", "e", "f"]
        for user in users {
            let contacts = users.map { "<sip:\($0)@127.0.0.1:5060>" }.joined(separator: ", ")
            _ = proxy.receive(
                H.request(
                    "REGISTER", "sip:127.0.0.1:5060", from: user, to: user, at: H.alice, branch: "z9hG4bK\(user)",
                    callID: user, cSeq: 1, headers: "Contact: \(contacts)\r\nExpires: 60\r\n"), from: H.alice)
        }
        let invites = self.bomb(&proxy, H.request("INVITE", "sip:a@127.0.0.1:5060", at: H.alice))
        // 60 at six, ten for each; ten at six: one or two for each; then nobody may fork any more.
        #expect(invites > 6)
        #expect(invites <= 6 + 36 + 60)
    }

    @Test(
        "Max-Breadth is divided among the branches, written where it is missing, and left alone where there is one branch"
    )
    func shares() throws {
        var proxy = try H()
        _ = proxy.register("bob", at: H.bob)
        let alone = proxy.receive(H.request("INVITE", "sip:bob@127.0.0.1:5060", at: H.alice), from: H.alice)
        #expect(alone.last?.message?.first(.maxBreadth) == nil)
        let counted = proxy.receive(
            H.request(
                "INVITE", "sip:bob@127.0.0.1:5060", at: H.alice, branch: "z9hG4bK2", callID: "2",
                headers: "Max-Breadth: 7\r\n"),
            from: H.alice)
        #expect(counted.last?.header(.maxBreadth) == "7")
        _ = proxy.register("bob", at: H.carol)
        let forked = proxy.receive(
            H.request("INVITE", "sip:bob@127.0.0.1:5060", at: H.alice, branch: "z9hG4bK3", callID: "3"), from: H.alice)
        #expect(forked.dropFirst().map { $0.header(.maxBreadth) } == ["30", "30"])
        let odd = proxy.receive(
            H.request(
                "INVITE", "sip:bob@127.0.0.1:5060", at: H.alice, branch: "z9hG4bK4", callID: "4",
                headers: "Max-Breadth: 3\r\n"),
            from: H.alice)
        #expect(Set(odd.dropFirst().map { $0.header(.maxBreadth) }) == ["1", "2"])
    }

    @Test("who has too little breadth for all branches is told 440 and forks to nobody")
    func tooNarrow() throws {
        var proxy = try H()
        _ = proxy.register("bob", at: H.bob)
        _ = proxy.register("bob", at: H.carol)
        for breadth in ["0", "1"] {
            let sent = proxy.receive(
                H.request(
                    "INVITE", "sip:bob@127.0.0.1:5060", at: H.alice, branch: "z9hG4bKn\(breadth)", callID: breadth,
                    headers: "Max-Breadth: \(breadth)\r\n"), from: H.alice)
            #expect(sent.last?.startLine == "SIP/2.0 440 Max-Breadth Exceeded")
            #expect(!sent.contains { $0.startLine.hasPrefix("INVITE") })
        }
    }

    @Test("a late 2xx goes to who asked, and not to whom its sender names")
    func lateSuccess() throws {
        var proxy = try H()
        _ = proxy.register("bob", at: H.bob)
        let invite = try #require(
            proxy.receive(H.request("INVITE", "sip:bob@127.0.0.1:5060", at: H.alice), from: H.alice).last)
        let ok = H.response(200, "OK", to: invite, contact: H.bob)
        #expect(proxy.receive(ok, from: H.bob).map(\.to) == [H.alice])
        #expect(proxy.receive(ok, from: H.bob).map(\.to) == [H.alice], "a repeat, the branch is gone")
        for name in ["received=192.0.2.66", "received=127.0.0.1;rport=9"] {
            let forged = ok.replacing(
                "Via: SIP/2.0/UDP 127.0.0.1:6001", with: "Via: SIP/2.0/UDP 127.0.0.1:6001;\(name)"
            )
            .replacing("received=127.0.0.1;branch", with: "branch")
            #expect(proxy.receive(forged, from: H.bob).allSatisfy { $0.to == H.alice }, "\(name)")
        }
        let other = ok.replacing("SIP/2.0/UDP 127.0.0.1:6001", with: "SIP/2.0/UDP 192.0.2.66:9;rport=9")
        #expect(proxy.receive(other, from: H.bob).allSatisfy { $0.to == H.alice })
    }
}
