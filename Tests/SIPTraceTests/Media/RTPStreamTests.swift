import SIPKit
import Testing

@testable import SIPTrace

@Suite("RTP streams")
struct RTPStreamTests {
    private func origin(_ time: Int64) -> MessageOrigin {
        MessageOrigin(
            time: time, source: SocketAddress(IPAddress(v4: 0x0A00_0001), 40000),
            destination: SocketAddress(IPAddress(v4: 0x0A00_0002), 50000), transport: .udp, frame: 1)
    }

    private func packet(_ sequence: UInt16, type: UInt8 = 0, timestamp: UInt32? = nil, _ payload: [UInt8] = [])
        -> [UInt8]
    {
        let time = timestamp ?? UInt32(sequence) &* 160
        return [0x80, type] + Captures.be16(Int(sequence)) + Captures.be32(time) + Captures.be32(7)
            + (payload.isEmpty ? [UInt8](repeating: 0, count: 160) : payload)
    }

    private func stream(_ sequences: [UInt16]) throws -> RTPStream {
        let tracker = MediaTracker()
        let sdp = Array(
            """
            INVITE sip:b SIP/2.0\r
            Content-Type: application/sdp\r
            \r
            v=0\r
            c=IN IP4 10.0.0.2\r
            m=audio 50000 RTP/AVP 0 101\r
            a=rtpmap:101 telephone-event/8000\r

            """.utf8)
        tracker.learn(sdp.span)
        for (index, sequence) in sequences.enumerated() {
            tracker.take(self.origin(Int64(index) * 20_000_000), self.packet(sequence).span)
        }
        #expect(tracker.streams.count == 1)
        return try #require(tracker.streams.first)
    }

    @Test("count losses and their runs across the wrap of the sequence numbers")
    func losses() throws {
        let stream = try self.stream([65_533, 65_534, 0, 1, 5])
        #expect(stream.expected == 9)
        #expect(stream.packets == 5)
        #expect(stream.lost == 4)
        #expect(stream.lossRuns[0] == 1)
        #expect(stream.lossRuns[2] == 1)
    }

    @Test("tell late packets from repeated ones")
    func order() throws {
        let stream = try self.stream([1, 3, 2, 2, 4])
        #expect(stream.lost == 0)
        #expect(stream.reordered == 1)
        #expect(stream.duplicates == 1)
    }

    @Test("find no jitter where packets come as evenly as they were sent")
    func jitter() throws {
        let stream = try self.stream(Array(1...50))
        #expect(stream.meanJitter < 0.001)
        #expect(stream.codec == "PCMU")
        let quality = try #require(stream.quality)
        #expect(quality.mos > 4.3)
    }

    @Test("name the keys that were pressed, once for each press")
    func digits() throws {
        let tracker = MediaTracker()
        let sdp = Array(
            "INVITE sip:b SIP/2.0\r\n\r\nv=0\r\nc=IN IP4 10.0.0.2\r\nm=audio 50000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
                .utf8)
        tracker.learn(sdp.span)
        tracker.take(self.origin(0), self.packet(1).span)
        for (sequence, event) in [(2, 1), (3, 1), (4, 11), (5, 11)] as [(UInt16, UInt8)] {
            let packet = self.packet(sequence, type: 101, timestamp: UInt32(event) * 1000, [event, 0, 0, 160])
            tracker.take(self.origin(Int64(sequence) * 20_000_000), packet.span)
        }
        #expect(tracker.streams.first?.digits == Array("1#".utf8))
    }

    @Test("take no RTCP and no rubbish for RTP")
    func others() {
        let rtcp: [UInt8] = [0x80, 200] + [UInt8](repeating: 0, count: 26)
        let header = RTPHeader(rtcp.span)
        #expect(header == nil)
        for length in 0..<40 {
            let bytes = [UInt8](repeating: 0xBF, count: length)
            let tracker = MediaTracker()
            let taken = tracker.take(self.origin(0), bytes.span)
            #expect(!taken)
        }
    }

    @Test("rate speech as G.107 does")
    func model() throws {
        let perfect = try #require(EModel.quality(codec: "PCMU", loss: 0, burstRatio: 1, delay: 0))
        #expect(abs(perfect.rating - 93.2) < 0.01)
        #expect(abs(perfect.mos - 4.41) < 0.01)
        let lossy = try #require(EModel.quality(codec: "G729", loss: 0.05, burstRatio: 1, delay: 0))
        #expect(abs(lossy.rating - (93.2 - 11 - 84 * 5 / 24)) < 0.01)
        #expect(EModel.quality(codec: "opus", loss: 0, burstRatio: 1, delay: 0) == nil)
    }
}
