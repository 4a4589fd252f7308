import SIPKit
import Testing

@testable import sipsak

@Suite("A copy of our packets")
struct PacketCopyTests {
    /// The one's complement sum over a packet with its checksum in place is all ones (RFC 1071).
    func sum(_ bytes: [UInt8]) -> UInt32 {
        var sum: UInt32 = 0
        for at in stride(from: 0, to: bytes.count, by: 2) {
            sum += UInt32(bytes[at]) << 8 | (at + 1 < bytes.count ? UInt32(bytes[at + 1]) : 0)
            sum = sum & 0xFFFF + sum >> 16
        }
        return sum & 0xFFFF + sum >> 16
    }

    @Test("has right lengths and checksums over IPv4 and IPv6, for payloads of even and odd length")
    func packets() throws {
        for (from, to, head) in [("192.0.2.1:5060", "192.0.2.7:25060", 20), ("[2001:db8::1]:5060", "[::1]:9", 40)] {
            for length in [0, 1, 2, 313, 65_000] {
                let packet = PacketCopy.packet(
                    [UInt8](repeating: 0xA5, count: length), from: try #require(SocketAddress(from)),
                    to: try #require(SocketAddress(to)))
                #expect(packet.count == head + 8 + length)
                let addresses = head == 20 ? packet[12..<20] : packet[8..<40]
                let udp = Array(packet[head...])
                let pseudo = Array(addresses) + [0, 17, UInt8((length + 8) >> 8), UInt8((length + 8) & 255)]
                #expect(self.sum(pseudo + udp) == 0xFFFF)
                if head == 20 { #expect(self.sum(Array(packet[..<20])) == 0xFFFF) }
            }
        }
    }

    @Test("cuts what no datagram can carry, and has a header of 24 bytes")
    func limits() throws {
        let place = try #require(SocketAddress("192.0.2.1:1"))
        #expect(PacketCopy.packet([UInt8](repeating: 0, count: 200_000), from: place, to: place).count == 65_028)
        #expect(PacketCopy.header.count == 24)
        #expect(PacketCopy.header[..<4].elementsEqual([0x4D, 0x3C, 0xB2, 0xA1]))
    }
}
