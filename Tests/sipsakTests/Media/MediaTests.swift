import SIPKit
import Testing

@testable import sipsak

@Suite("RTP packets (RFC 3550 §5.1)")
struct RTPPacketTests {
    @Test("come out of reading what was written as they went in")
    func roundTrip() {
        let packet = RTPPacket(
            payloadType: 8, sequence: 65_535, timestamp: 0xFEDC_BA98, source: 0x0102_0304, isMarked: true,
            payload: [1, 2, 3])
        #expect(RTPPacket(packet.bytes()) == packet)
    }

    @Test("with contributing sources, extension and padding are read; what is none is refused at every length")
    func forms() {
        let head: [UInt8] = [0xB1, 0x00, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]
        let whole = head + [9, 9, 9, 9] + [0xBE, 0xDE, 0, 1, 7, 7, 7, 7] + [1, 2, 3] + [0, 2]
        #expect(RTPPacket(whole)?.payload == [1, 2, 3])
        for count in 0..<whole.count { _ = RTPPacket(Array(whole[..<count])) }
        #expect(RTPPacket([]) == nil)
        #expect(RTPPacket([UInt8](repeating: 0, count: 40)) == nil, "another version")
        #expect(RTPPacket([0x80, 200] + [UInt8](repeating: 0, count: 30)) == nil, "RTCP")
        #expect(RTPPacket([0xA0, 0] + [UInt8](repeating: 0, count: 10) + [255]) == nil, "more padding than packet")
    }
}

@Suite("What arrived of a stream")
struct RTPReceptionTests {
    func packet(_ sequence: Int, source: UInt32 = 1) -> RTPPacket {
        RTPPacket(
            payloadType: 0, sequence: UInt16(truncatingIfNeeded: sequence),
            timestamp: UInt32(truncatingIfNeeded: sequence * 160), source: source, payload: [0])
    }

    @Test("counts losses across the wrap, repeats once, and late packets as arrived")
    func losses() {
        var reception = RTPReception()
        for (index, sequence) in [65_533, 65_534, 65_535, 65_536, 65_538, 65_538, 65_540, 65_539].enumerated() {
            reception.add(self.packet(sequence), at: MonotonicTime(milliseconds: Int64(index) * 20))
        }
        #expect(reception.packets == 7)
        #expect(reception.expected == 8)
        #expect(reception.lost == 1)
        #expect(reception.repeats == 1)
        reception.add(self.packet(65_541, source: 2), at: .zero)
        #expect(reception.strangers == 1 && reception.packets == 7)
    }

    @Test("has no jitter when packets come as they were sent, and the gap that was longest")
    func jitter() {
        var even = RTPReception()
        for index in 0..<50 { even.add(self.packet(index), at: MonotonicTime(milliseconds: Int64(index) * 20)) }
        #expect(even.jitter() == .zero)
        #expect(even.maximumGap == .milliseconds(20))
        var uneven = RTPReception()
        for index in 0..<50 {
            uneven.add(
                self.packet(index), at: MonotonicTime(milliseconds: Int64(index) * 20 + (index % 2 == 0 ? 0 : 8)))
        }
        #expect(uneven.jitter() > .milliseconds(6) && uneven.jitter() < .milliseconds(9))
    }

    @Test("never traps, whatever comes")
    func strange() {
        var reception = RTPReception()
        var ids = Identifiers(seed: 5)
        for _ in 0..<10_000 {
            reception.add(
                RTPPacket(
                    payloadType: 0, sequence: UInt16(truncatingIfNeeded: ids.next()),
                    timestamp: UInt32(truncatingIfNeeded: ids.next()), source: 1, payload: []),
                at: MonotonicTime(nanoseconds: Int64(truncatingIfNeeded: ids.next())))
        }
        #expect(reception.packets <= 10_000)
        #expect(RTPReception().loss == 0)
    }
}

@Suite("G.711")
struct G711Tests {
    @Test(
        "has the values of the standard's tables",
        arguments: [
            (0, 0xFF, 0xD5), (32_635, 0x80, 0xAA), (-32_635, 0x00, 0x2A), (1000, 0xCE, 0xFA), (-1000, 0x4E, 0x7A),
        ])
    func values(_ sample: Int, _ muLaw: Int, _ aLaw: Int) {
        #expect(G711.muLaw(sample) == UInt8(muLaw))
        #expect(G711.aLaw(sample) == UInt8(aLaw))
    }

    @Test("a packet is 20 ms long")
    func length() {
        var tone = AudioSource.tone
        #expect(tone.next(payloadType: 0).count == 160)
    }
}

@Suite("The offer of a test call")
struct MediaOfferTests {
    func message(_ body: [UInt8]) throws -> SIPMessage {
        try SIPMessage(parsing: Array("SIP/2.0 200 OK\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body)
    }

    @Test("is understood by its own reader, IPv4 and IPv6")
    func roundTrip() throws {
        for text in ["192.0.2.1:4000", "[2001:db8::1]:4002"] {
            let place = try #require(SocketAddress(text))
            let audio = try #require(
                MediaOffer.audio(in: try self.message(MediaOffer.bytes(host: place, session: 7, formats: [8]))))
            #expect(audio.place == place && audio.format == 8)
        }
    }

    @Test("a refused stream, other codecs, names and nothing at all are no audio")
    func none() throws {
        for body in [
            "", "v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 0 RTP/AVP 0\r\n",
            "v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 9 RTP/AVP 18\r\n", "v=0\r\nc=IN IP4 host\r\nm=audio 9 RTP/AVP 0\r\n",
            "v=0\r\nc=IN IP4 1.2.3.4\r\nm=video 9 RTP/AVP 0\r\n", "garbage",
        ] {
            #expect(MediaOffer.audio(in: try self.message(Array(body.utf8))) == nil, "\(body)")
        }
    }
}
