import SIPKit
import SIPTrace
import Testing

@testable import sipgrep

@Suite("Anonymising")
struct AnonymiserTests {
    private static let invite = """
        INVITE sip:bob@office.example.org SIP/2.0\r
        Via: SIP/2.0/UDP 192.0.2.17:5060;branch=z9hG4bKabc;received=203.0.113.5\r
        From: "Alice Miller" <sip:alice@example.org>;tag=77\r
        To: <sip:bob@office.example.org>\r
        Call-ID: 8f3a-alice@192.0.2.17\r
        CSeq: 1 INVITE\r
        Contact: <sip:alice@192.0.2.17:5060>\r
        P-Asserted-Identity: <tel:+493012345678>\r
        Authorization: Digest username="alice", realm="example.org", nonce="abcdef0123", uri="sip:example.org", response="0123456789abcdef"\r
        User-Agent: Phone/1.0\r
        Content-Type: application/sdp\r
        Content-Length: 118\r
        \r
        v=0\r
        o=alice 1 1 IN IP4 192.0.2.17\r
        s=Alice's call\r
        c=IN IP4 192.0.2.17\r
        t=0 0\r
        m=audio 4000 RTP/AVP 0\r
        a=sendrecv\r

        """

    private func hide(_ text: String, key: String = "k") -> String {
        var anonymiser = Anonymiser(key: key)
        return String(decoding: anonymiser.bytes(Array(text.utf8)), as: UTF8.self)
    }

    @Test("leaves no name, number, host or address")
    func nothingLeft() {
        let hidden = self.hide(Self.invite).lowercased()
        for secret in [
            "alice", "bob", "miller", "example", "192.0.2", "203.0.113", "4930123", "abcdef0123", "0123456789abcdef",
            "8f3a",
        ] { #expect(!hidden.contains(secret), "\(secret)") }
    }

    @Test("keeps the message one that can be read, with its length, its codec and its phone")
    func shape() throws {
        let hidden = self.hide(Self.invite)
        #expect(hidden.utf8.count == Self.invite.utf8.count)
        for kept in [
            "INVITE sip:", "SIP/2.0/UDP", "branch=z9hG4bKabc", ";tag=77", "CSeq: 1 INVITE", "Phone/1.0", "RTP/AVP 0",
            "a=sendrecv",
        ] {
            #expect(hidden.contains(kept), "\(kept)")
        }
        let message = try SIPMessage(parsing: Array(hidden.utf8))
        _ = message
    }

    @Test("makes equal things equal, everywhere and with the same key")
    func consistent() {
        var anonymiser = Anonymiser(key: "k")
        let address = IPAddress(v4: 0xC000_0211)
        let origin = MessageOrigin(
            time: 0, source: SocketAddress(address, 5060), destination: SocketAddress(address, 5060), transport: .udp,
            frame: 1)
        let hidden = anonymiser.message(CapturedMessage(origin, bytes: Array(Self.invite.utf8)))
        let text = String(decoding: hidden.bytes, as: UTF8.self)
        #expect(text.contains("Via: SIP/2.0/UDP \(hidden.source.ip):5060"), "the packet's address is the message's")
        #expect(text.contains("c=IN IP4 \(hidden.source.ip)"))
        #expect(self.hide(Self.invite) == self.hide(Self.invite))
        #expect(self.hide(Self.invite) != self.hide(Self.invite, key: "other"))
    }

    @Test("keeps neighbours neighbours and no two addresses the same")
    func addresses() {
        let substitution = Substitution(key: "k")
        var seen: Set<IPAddress> = []
        for last in 0...255 as ClosedRange<UInt32> {
            seen.insert(substitution.address(IPAddress(v4: 0x0A01_0200 | last)))
        }
        #expect(seen.count == 256)
        #expect(Set(seen.map { $0.low >> 8 }).count == 1)
        #expect(substitution.address(.loopbackV4) == .loopbackV4)
    }

    @Test("survives every cut of a message")
    func cuts() {
        var anonymiser = Anonymiser(key: "k")
        let bytes = Array(Self.invite.utf8)
        for count in 0...bytes.count { _ = anonymiser.bytes(Array(bytes.prefix(count))) }
    }
}
