import SIPKit
import Testing

@testable import SIPTrace

@Suite("HEP packets")
struct HEPWriterTests {
    private func packet(_ source: String, _ destination: String) throws -> HEPPacket {
        var packet = HEPPacket()
        packet.source = try #require(SocketAddress(source))
        packet.destination = try #require(SocketAddress(destination))
        packet.transport = .tcp
        packet.time = 1_700_000_000_123_456_000
        packet.agent = 2002
        packet.payload = Captures.message("BYE")
        return packet
    }

    @Test(
        "are read as they were written",
        arguments: [("192.0.2.1:5060", "192.0.2.2:5070"), ("[2001:db8::1]:5060", "[2001:db8::2]:1")])
    func roundTrip(source: String, destination: String) throws {
        var packet = try self.packet(source, destination)
        let old = packet.version2()
        let read2 = try HEPPacket(parsing: old.span)
        #expect(read2 == packet)
        packet.agentName = Array("probe".utf8)
        packet.password = Array("secret".utf8)
        packet.correlation = Array("call-1".utf8)
        let bytes = try #require(packet.version3())
        let read3 = try HEPPacket(parsing: bytes.span)
        #expect(read3 == packet)
    }

    @Test("are not written when the message does not fit")
    func tooLong() throws {
        var packet = try self.packet("192.0.2.1:1", "192.0.2.2:2")
        packet.payload = [UInt8](repeating: 0x61, count: 65_500)
        #expect(packet.version3() == nil)
    }

    @Test("are refused or read at every length, without failing")
    func everyLength() throws {
        let packet = try self.packet("192.0.2.1:1", "192.0.2.2:2")
        for bytes in [try #require(packet.version3()), packet.version2()] {
            for length in 0..<bytes.count {
                let cut = Array(bytes[..<length])
                let read = try? HEPPacket(parsing: cut.span)
                #expect(read?.payload != packet.payload)
            }
        }
    }

    @Test(
        "go to addresses as people write them",
        arguments: [
            ("udp:10.0.0.1:9060", false), ("tcp:homer:9060", true), ("10.0.0.1:9060", false), ("udp:[::1]:9060", false),
        ])
    func addresses(text: String, isStream: Bool) throws {
        let address = try #require(HEPAddress(text))
        #expect(address.isStream == isStream)
        #expect(address.port == 9060)
        #expect(HEPAddress("udp:10.0.0.1") == nil)
        #expect(HEPAddress("udp:10.0.0.1:0") == nil)
    }
}
