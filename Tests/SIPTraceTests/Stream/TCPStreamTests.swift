import SIPKit
import Testing

@testable import SIPTrace

@Suite("Messages in TCP streams")
struct TCPStreamTests {
    private let one = Captures.message("INVITE", body: "v=0\r\n")
    private let two = Captures.message("BYE")

    @Test("finds several messages in one segment and one message in many")
    func cuts() throws {
        let all = self.one + self.two
        #expect(try Captures.extract([Captures.segment(all, 100)]).messages.map(\.bytes) == [self.one, self.two])
        let bytewise = all.indices.map { Captures.segment([all[$0]], 100 + UInt32($0)) }
        #expect(try Captures.extract(bytewise).messages.map(\.bytes) == [self.one, self.two])
    }

    @Test("puts segments in order, across the wrap of the sequence numbers too", arguments: [100, UInt32.max - 30])
    func order(start: UInt32) throws {
        let parts = [Array(self.one[..<10]), Array(self.one[10..<40]), Array(self.one[40...])]
        let segments = [
            Captures.segment([], start &- 1, flags: 2), Captures.segment(parts[2], start &+ 40),
            Captures.segment(parts[0], start), Captures.segment(parts[1], start &+ 10),
            Captures.segment(parts[1], start &+ 10),
        ]
        let found = try Captures.extract(segments)
        #expect(found.messages.map(\.bytes) == [self.one])
        #expect(found.counts[.repeatedSegment] == 1)
    }

    @Test("takes only what is new of an overlapping segment")
    func overlap() throws {
        let segments = [Captures.segment(Array(self.one[..<30]), 100), Captures.segment(Array(self.one[20...]), 120)]
        #expect(try Captures.extract(segments).messages.map(\.bytes) == [self.one])
    }

    @Test("finds the next message after a loss, and shows the beginning of the one that was hit")
    func loss() throws {
        let lost = UInt32(self.one.count)
        let segments = [
            Captures.segment(Array(self.one[..<40]), 100),
            // The rest of the first message was never captured.
            Captures.segment(self.two, 100 + lost),
        ]
        let found = try Captures.extract(segments).messages
        #expect(found.map(\.bytes) == [Array(self.one[..<40]), self.two])
        #expect(found.map(\.isTruncated) == [true, false])
    }

    @Test("begins in the middle of a connection")
    func middle() throws {
        let found = try Captures.extract([Captures.segment(Array(self.one[20...]) + self.two, 500)])
        #expect(found.messages.map(\.bytes) == [self.two])
        #expect(found.counts[.streamFragment] == 1)
    }

    @Test("takes a message without Content-Length as complete where it tells of no body")
    func noLength() throws {
        let bare = Captures.message("OPTIONS", length: false)
        #expect(try Captures.extract([Captures.segment(bare, 1)]).messages.map(\.bytes) == [bare])
        #expect(try Captures.extract([Captures.segment(bare + self.two, 1)]).messages.map(\.bytes) == [bare, self.two])
    }

    @Test("passes over keep-alives between messages")
    func keepAlive() throws {
        let ping: [UInt8] = [13, 10, 13, 10]
        let found = try Captures.extract([Captures.segment(ping + self.two + ping, 1)])
        #expect(found.messages.map(\.bytes) == [self.two])
        #expect(found.counts[.keepAlive] > 0)
    }

    @Test("does not wait for a body of 2 GB")
    func hugeClaim() throws {
        let claim = Array("INVITE sip:b@example SIP/2.0\r\nContent-Length: 2000000000\r\n\r\n".utf8)
        let chunk = [UInt8](repeating: 0x78, count: 1400)
        var sequence: UInt32 = 1
        var packets = [Captures.segment(claim, sequence)]
        sequence += UInt32(claim.count)
        for _ in 0..<300 {
            packets.append(Captures.segment(chunk, sequence))
            sequence += UInt32(chunk.count)
        }
        packets.append(Captures.segment(Array("\r\n".utf8) + self.two, sequence))
        let found = try Captures.extract(packets).messages
        #expect(found.count == 2)
        #expect(found.first?.isTruncated == true)
        #expect(found.last?.bytes == self.two)
    }

    @Test("unmasks and joins WebSocket frames, and refuses compressed ones")
    func webSocket() {
        var frames = WebSocketFrames()
        let masked: [UInt8] = [0x01, 0x82, 1, 2, 3, 4, 0x41 ^ 1, 0x42 ^ 2]
        let first = frames.step(masked.span, from: 0)
        #expect(first == .nothing(used: 8))
        let last: [UInt8] = [0x80, 0x01, 0x43]
        let second = frames.step(last.span, from: 0)
        #expect(second == .message([0x41, 0x42, 0x43], used: 3))
        let compressed: [UInt8] = [0xC1, 0x01, 0]
        let third = frames.step(compressed.span, from: 0)
        #expect(third == .damaged)
    }

    @Test("reads HEP 3 and names a chunk that reaches over the end")
    func hep() throws {
        var packet = Array("HEP3".utf8) + Captures.be16(0)
        packet += [0, 0, 0, 1, 0, 7, 2] + [0, 0, 0, 2, 0, 7, 17] + [0, 0, 0, 3, 0, 10, 10, 0, 0, 1]
        packet += [0, 0, 0, 4, 0, 10, 10, 0, 0, 2] + [0, 0, 0, 7, 0, 8] + Captures.be16(5060)
        packet += [0, 0, 0, 8, 0, 8] + Captures.be16(5070) + [0, 0, 0, 11, 0, 7, 1]
        packet += [0, 0, 0, 15] + Captures.be16(6 + self.two.count) + self.two
        packet[5] = UInt8(packet.count & 255)
        packet[4] = UInt8(packet.count >> 8)
        let found = try Captures.extract([Captures.datagram(packet)]).messages
        #expect(found.map(\.bytes) == [self.two])
        #expect(found.first?.source.description == "10.0.0.1:5060")
        #expect(found.first?.destination.description == "10.0.0.2:5070")
        #expect(found.first?.origin.viaHEP == true)
        packet[10] = 0xFF
        #expect(throws: ParseError(.truncated, "HEP chunk")) { try HEPPacket(parsing: packet.span) }
    }
}
