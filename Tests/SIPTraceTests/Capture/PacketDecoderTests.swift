import SIPKit
import Testing

@testable import SIPTrace

@Suite("From packets to messages")
struct PacketDecoderTests {
    private let message = Captures.message()

    @Test("finds the message of a plain datagram, with its addresses")
    func plain() throws {
        let found = try Captures.extract([Captures.datagram(self.message)]).messages
        #expect(found.map(\.bytes) == [self.message])
        #expect(found.first?.source.description == "192.0.2.1:5060")
        #expect(found.first?.destination.description == "198.51.100.2:5060")
        #expect(found.first?.transport == .udp)
    }

    @Test("ignores what stands behind the IP packet in a padded frame")
    func padding() throws {
        let found = try Captures.extract([Captures.datagram(self.message) + [0, 0, 0]]).messages
        #expect(found.map(\.bytes) == [self.message])
    }

    @Test(
        "joins fragments in any order and once only", arguments: [[0, 1, 2], [2, 1, 0], [1, 0, 2], [0, 0, 1, 1, 2]])
    func fragments(order: [Int]) throws {
        let datagram = Captures.udp(self.message)
        let cuts = [0, 16, 40, datagram.count]
        let pieces = (0..<3).map { index in
            Captures.ethernet(
                0x0800,
                Captures.ipv4(
                    17, Array(datagram[cuts[index]..<cuts[index + 1]]), id: 77, offset: cuts[index], more: index < 2))
        }
        let found = try Captures.extract(order.map { pieces[$0] })
        #expect(found.messages.map(\.bytes) == [self.message])
        #expect(found.messages.first?.origin.wrapping == .fragments)
    }

    @Test("shows a fragmented datagram although only its first part has the port that was asked for")
    func fragmentsAndFilter() throws {
        let datagram = Captures.udp(self.message)
        let first = Captures.ipv4(17, Array(datagram[..<16]), id: 5, offset: 0, more: true)
        let second = Captures.ipv4(17, Array(datagram[16...]), id: 5, offset: 16)
        let packets = [first, second].map { Captures.ethernet(0x0800, $0) }
        #expect(try Captures.extract(packets, filter: "port 5060").messages.count == 1)
        #expect(try Captures.extract(packets.reversed(), filter: "port 5060").messages.count == 1)
        #expect(try Captures.extract(packets, filter: "port 5061").messages.isEmpty)
    }

    @Test("applies the filter inside a VLAN and a tunnel")
    func innerFilter() throws {
        let inner = Captures.ipv4(17, Captures.udp(self.message))
        let tagged = Captures.ethernet(0x8100, [0, 100, 8, 0] + inner)
        let tunnelled = Captures.ethernet(0x0800, Captures.ipv4(47, [0, 0, 8, 0] + inner))
        for packet in [tagged, tunnelled] {
            #expect(try Captures.extract([packet], filter: "port 5060").messages.count == 1)
            #expect(try Captures.extract([packet], filter: "port 5061").counts[.filter] == 1)
        }
    }

    @Test("ends on a packet that contains itself again and again")
    func endlessTunnels() throws {
        var packet = Captures.ipv4(17, Captures.udp(self.message))
        for _ in 0..<40 { packet = Captures.ipv4(4, packet) }
        let found = try Captures.extract([Captures.ethernet(0x0800, packet)])
        #expect(found.messages.isEmpty)
        #expect(found.counts[.tunnelTooDeep] == 1)
    }

    @Test("marks a message of which the capture has only the beginning")
    func snapped() throws {
        let packet = Array(Captures.datagram(self.message).dropLast(20))
        let found = try Captures.extract([packet]).messages
        #expect(found.map(\.origin.wireLength) == [self.message.count])
    }

    @Test(
        "says why a packet shows nothing",
        arguments: [
            (Captures.ethernet(0x0806, [0, 1]), Ignored.arp), (Captures.ethernet(0x88CC, [0]), .notIP),
            (Captures.ethernet(0x0800, [0x45]), .damaged),
            (Captures.ethernet(0x0800, Captures.ipv4(1, [8, 0])), .icmp),
            (Captures.datagram([0x0D, 0x0A, 0x0D, 0x0A]), .keepAlive), (Captures.datagram([]), .noPayload),
            (Captures.datagram([0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]), .rtp),
            (Captures.datagram(Array("GET / HTTP/1.1\r\n\r\n".utf8)), .notSIP),
            (Captures.segment([], 1, flags: 0x10), .noPayload),
        ])
    func reasons(packet: [UInt8], reason: Ignored) throws {
        let counts = try Captures.extract([packet]).counts
        #expect(counts.reasons.map(\.reason) == [reason])
        #expect(counts.messages == 0)
    }

    @Test("reads every packet cut at every length without failing")
    func everyLength() throws {
        let inner = Captures.ipv4(17, Captures.udp(self.message))
        let packets = [
            Captures.datagram(self.message), Captures.segment(self.message, 9),
            Captures.ethernet(0x8100, [0, 1, 8, 0] + inner), Captures.ethernet(0x8847, [0, 1, 1, 64] + inner),
            Captures.ethernet(0x0800, Captures.ipv4(47, [0xB0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] + inner)),
            Captures.ethernet(0x0800, Captures.ipv4(17, Captures.udp([8, 0, 0, 0, 0, 0, 1, 0] + inner, to: 4789))),
        ]
        let links: [LinkType] = [
            .ethernet, .null, .raw, .linuxCooked, .linuxCooked2, .ppp, .ciscoHDLC, .wifi, .radiotap, .nflog,
            .exportedPDU,
        ]
        for packet in packets {
            for length in 0...packet.count {
                for link in links {
                    let counts = try Captures.extract([Array(packet[..<length])], link: link).counts
                    #expect(counts.packets == 1)
                }
            }
        }
    }
}
