import SIPKit
import Testing

@testable import SIPTrace

@Suite("What is wrong with the media of a call")
struct MediaFindingTests {
    private static let caller = SocketAddress(IPAddress(v4: 0xC000_0201), 40000)
    private static let callee = SocketAddress(IPAddress(v4: 0xC633_6402), 50000)

    private func origin(_ time: Int64, _ from: SocketAddress, _ to: SocketAddress) -> MessageOrigin {
        MessageOrigin(time: time, source: from, destination: to, transport: .udp, frame: 1)
    }

    /// An answered call at second 10, its caller's description as told, media of the callee from `begin` milliseconds after
    /// the answer on.
    private func call(
        announced: SocketAddress = Self.caller, mediaFrom: SocketAddress = Self.callee, begin: Int64 = 100,
        packets: Int = 50
    ) -> [MediaFinding.Kind] {
        let tracker = MediaTracker()
        for (start, place, from, to, time) in [
            ("INVITE sip:b SIP/2.0", announced, Self.caller, Self.callee, 8_000_000_000 as Int64),
            ("SIP/2.0 200 OK", Self.callee, Self.callee, Self.caller, 10_000_000_000),
        ] {
            let text = """
                \(start)\r
                Call-ID: c1\r
                CSeq: 1 INVITE\r
                Content-Type: application/sdp\r
                \r
                v=0\r
                c=IN IP4 \(place.ip)\r
                m=audio \(place.port) RTP/AVP 0\r

                """
            let bytes = Array(text.utf8)
            tracker.learn(bytes.span, self.origin(time, from, to))
        }
        let ways = [
            (Self.caller, Self.callee, 7 as UInt32, 50, 50 as Int64), (mediaFrom, announced, 8, packets, begin),
        ]
        for (from, to, ssrc, count, start) in ways {
            for number in 0..<count {
                let packet: [UInt8] =
                    [0x80, 0] + Captures.be16(number) + Captures.be32(UInt32(number) * 160) + Captures.be32(ssrc)
                    + [UInt8](repeating: 1, count: 160)
                let time = 10_000_000_000 + start * 1_000_000 + Int64(number) * 20_000_000
                tracker.take(self.origin(time, from, to), packet.span)
            }
        }
        return tracker.findings().map(\.kind)
    }

    @Test("is nothing where media comes at once and from where it was announced")
    func good() { #expect(self.call().isEmpty) }

    @Test("is lateness from two seconds after the answer on")
    func late() {
        #expect(self.call(begin: 1900).isEmpty)
        #expect(self.call(begin: 2100) == [.late])
        #expect(self.call(begin: -500).isEmpty, "early media is no fault")
        #expect(self.call(begin: 5000, packets: 5).isEmpty, "too little to tell")
    }

    @Test("is address translation where media comes from another host, or a private address is named outside")
    func translation() {
        let elsewhere = SocketAddress(IPAddress(v4: 0xCB00_7107), 50000)
        #expect(self.call(mediaFrom: elsewhere) == [.addressTranslation])
        let otherPort = SocketAddress(Self.callee.ip, 50_100)
        #expect(self.call(mediaFrom: otherPort).isEmpty, "another port of the same host is allowed")
        let hidden = SocketAddress(IPAddress(v4: 0x0A00_0005), 40000)
        #expect(self.call(announced: hidden).contains(.addressTranslation))
    }
}
