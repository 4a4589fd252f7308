import SIPKit
import Testing

@testable import SIPTrace

@Suite("RTCP and what it tells about streams")
struct RTCPTests {
    private static let caller = SocketAddress(IPAddress(v4: 0x0A00_0001), 40000)
    private static let callee = SocketAddress(IPAddress(v4: 0x0A00_0002), 50000)

    private func origin(_ time: Int64, from: SocketAddress, to: SocketAddress) -> MessageOrigin {
        MessageOrigin(time: time, source: from, destination: to, transport: .udp, frame: 1)
    }

    private func block(ssrc: UInt32, lost: UInt32, clock: UInt32 = 0, delay: UInt32 = 0) -> [UInt8] {
        Captures.be32(ssrc) + Captures.be32(lost) + Captures.be32(0) + Captures.be32(160) + Captures.be32(clock)
            + Captures.be32(delay)
    }

    @Test("reads reports, the metrics of a receiver and farewells out of one datagram")
    func compound() {
        let sender: [UInt8] =
            [0x81, 200] + Captures.be16(12) + Captures.be32(1) + Captures.be32(0xAAAA_BBBB) + Captures.be32(0xCCCC_DDDD)
            + Captures.be32(0) + Captures.be32(0) + Captures.be32(0) + self.block(ssrc: 7, lost: 0x40FF_FFFE)
        let metrics: [UInt8] =
            [0x80, 207] + Captures.be16(10) + Captures.be32(1) + [7, 0, 0, 8] + Captures.be32(7)
            + [UInt8](repeating: 0, count: 8) + Captures.be16(64) + [0, 0, 0, 0, 0, 0, 88, 127, 41, 40]
            + [UInt8](repeating: 0, count: 8)
        let datagram = sender + metrics + [0x81, 203, 0, 1] + Captures.be32(1)
        let packets = RTCPPacket.read(datagram.span)
        #expect(packets.count == 4)
        #expect(packets[0] == .senderReport(ssrc: 1, clock: 0xBBBB_CCCC))
        let block = RTCPPacket.ReportBlock(
            ssrc: 7, fractionLost: 64, cumulativeLost: -2, jitter: 160, lastReport: 0, delay: 0)
        #expect(packets[1] == .received(by: 1, block))
        let voice = RTCPPacket.VoIPMetrics(rating: 88, listeningMOS: 41, roundTrip: 64)
        #expect(packets[2] == .metrics(of: 7, voice))
        #expect(packets[3] == .bye(ssrc: 1))
    }

    @Test("survives every cut and every first byte")
    func anything() {
        let whole: [UInt8] = [0x9F, 201] + Captures.be16(7) + Captures.be32(1) + self.block(ssrc: 7, lost: 1)
        for count in 0...whole.count {
            let cut = Array(whole.prefix(count))
            _ = RTCPPacket.read(cut.span)
        }
        for type in 192...223 {
            let lying = [0xBF, UInt8(type), 0xFF, 0xFF] + whole
            _ = RTCPPacket.read(lying.span)
        }
    }

    /// A call with media as told: (packets to the callee, packets to the caller).
    private func call(_ toCallee: Int, _ toCaller: Int, payload: UInt8 = 1, direction: String = "sendrecv")
        -> MediaTracker
    {
        let tracker = MediaTracker()
        for (start, place) in [("INVITE sip:b SIP/2.0", Self.caller), ("SIP/2.0 200 OK", Self.callee)] {
            let message = """
                \(start)\r
                Call-ID: c1\r
                CSeq: 1 INVITE\r
                Content-Type: application/sdp\r
                \r
                v=0\r
                c=IN IP4 \(place.ip)\r
                m=audio \(place.port) RTP/AVP 0\r
                a=\(direction)\r

                """
            let bytes = Array(message.utf8)
            tracker.learn(bytes.span)
        }
        for (count, from, to, ssrc) in [
            (toCallee, Self.caller, Self.callee, 7 as UInt32), (toCaller, Self.callee, Self.caller, 8),
        ] {
            for number in 0..<count {
                let packet: [UInt8] =
                    [0x80, 0] + Captures.be16(number) + Captures.be32(UInt32(number) * 160) + Captures.be32(ssrc)
                    + [UInt8](repeating: payload, count: 160)
                tracker.take(self.origin(Int64(number) * 20_000_000, from: from, to: to), packet.span)
            }
        }
        return tracker
    }

    @Test("takes the receiver's loss and the way there and back")
    func reports() throws {
        let tracker = self.call(50, 50)
        let sent: [UInt8] =
            [0x80, 200] + Captures.be16(6) + Captures.be32(7) + Captures.be32(0x0000_1234) + Captures.be32(0x5678_0000)
            + Captures.be32(0) + Captures.be32(0) + Captures.be32(0)
        let back: [UInt8] =
            [0x81, 201] + Captures.be16(7) + Captures.be32(8)
            + self.block(ssrc: 7, lost: 0x8000_0005, clock: 0x1234_5678, delay: 65_536)
        tracker.take(self.origin(1_000_000_000, from: Self.caller, to: Self.callee), sent.span)
        tracker.take(self.origin(2_040_000_000, from: Self.callee, to: Self.caller), back.span)
        let stream = try #require(tracker.streams.first { $0.ssrc == 7 })
        let reported = try #require(stream.reported)
        #expect(reported.lost == 5)
        #expect(reported.largestLoss == 0.5)
        #expect(reported.jitter == 20)
        #expect(reported.roundTrip == 40_000_000)
        #expect(tracker.callID(stream).elementsEqual("c1".utf8))
    }

    @Test("says one-way, missing and silent where it is so, and nothing where it is not")
    func findings() {
        #expect(self.call(100, 100).findings().isEmpty)
        #expect(self.call(100, 0).findings().map(\.kind) == [.oneWay])
        #expect(self.call(0, 100).findings().map(\.kind) == [.oneWay])
        #expect(self.call(100, 0, direction: "sendonly").findings().isEmpty, "a held call is no fault")
        #expect(self.call(0, 0).findings().isEmpty, "a capture without media was taken so")
        #expect(self.call(100, 100, payload: 0xFF).findings().map(\.kind) == [.silent, .silent])
        #expect(self.call(3, 0).findings().isEmpty, "too little to tell")
    }
}
