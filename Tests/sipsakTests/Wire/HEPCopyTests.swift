import SIPKit
import Testing

@testable import sipsak

@Suite("A HEP3 copy")
struct HEPCopyTests {
    @Test("has its lengths, addresses, ports, time and payload where a collector looks for them")
    func packet() {
        let packet = HEPCopy.packet(
            Array("x".utf8), from: SocketAddress(IPAddress("192.0.2.1")!, 5070),
            to: SocketAddress(IPAddress("192.0.2.7")!, 5060), over: .udp, at: 1_000_000_002_000_003_000)
        #expect(packet.starts(with: Array("HEP3".utf8)))
        #expect(Int(packet[4]) << 8 | Int(packet[5]) == packet.count)
        var chunks: [Int: [UInt8]] = [:]
        var at = 6
        while at + 6 <= packet.count {
            let length = Int(packet[at + 4]) << 8 | Int(packet[at + 5])
            chunks[Int(packet[at + 2]) << 8 | Int(packet[at + 3])] = Array(packet[(at + 6)..<(at + length)])
            at += length
        }
        #expect(at == packet.count)
        #expect(chunks[1] == [2] && chunks[2] == [17] && chunks[11] == [1])
        #expect(chunks[3] == [192, 0, 2, 1] && chunks[4] == [192, 0, 2, 7])
        #expect(chunks[7] == [0x13, 0xCE] && chunks[8] == [0x13, 0xC4])
        #expect(chunks[9] == [0x3B, 0x9A, 0xCA, 0x02] && chunks[10] == [0, 0, 0, 3])
        #expect(chunks[15] == Array("x".utf8))
    }

    @Test("over IPv6 and TCP says so")
    func v6() {
        let ip = IPAddress("2001:db8::1")!
        let packet = HEPCopy.packet([], from: SocketAddress(ip, 1), to: SocketAddress(ip, 2), over: .tls, at: -5)
        #expect(packet[12] == 10 && packet[19] == 6)
    }
}
