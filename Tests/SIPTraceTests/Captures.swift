import SIPKit
import SIPTrace

/// Captures and packets as tests need them, built byte by byte.
enum Captures {
    static func be16(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 255), UInt8(value & 255)] }
    static func be32(_ value: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }
    static func le32(_ value: UInt32) -> [UInt8] { Self.be32(value).reversed() }

    /// A little-endian pcap file with microseconds.
    static func pcap(_ packets: [[UInt8]], link: UInt32 = 1, magic: UInt32 = 0xA1B2_C3D4) -> [UInt8] {
        var file = Self.le32(magic) + [2, 0, 4, 0] + Self.le32(0) + Self.le32(0) + Self.le32(65_535) + Self.le32(link)
        for (index, packet) in packets.enumerated() {
            let length = Self.le32(UInt32(packet.count))
            file += Self.le32(1000 + UInt32(index)) + Self.le32(7) + length + length + packet
        }
        return file
    }

    static func ethernet(_ type: Int, _ payload: [UInt8]) -> [UInt8] {
        [UInt8](repeating: 2, count: 12) + Self.be16(type) + payload
    }

    static func ipv4(
        _ proto: UInt8, _ payload: [UInt8], id: Int = 1, offset: Int = 0, more: Bool = false
    ) -> [UInt8] {
        [0x45, 0] + Self.be16(20 + payload.count) + Self.be16(id) + Self.be16(offset / 8 | (more ? 0x2000 : 0))
            + [64, proto, 0, 0, 192, 0, 2, 1, 198, 51, 100, 2] + payload
    }

    static func udp(_ payload: [UInt8], from: Int = 5060, to: Int = 5060) -> [UInt8] {
        Self.be16(from) + Self.be16(to) + Self.be16(8 + payload.count) + [0, 0] + payload
    }

    static func tcp(_ payload: [UInt8], sequence: UInt32, flags: UInt8 = 0x18, from: Int = 40000) -> [UInt8] {
        Self.be16(from) + Self.be16(5060) + Self.be32(sequence) + Self.be32(1) + [0x50, flags, 1, 0, 0, 0, 0, 0]
            + payload
    }

    static func message(_ method: String = "OPTIONS", body: String = "", length: Bool = true) -> [UInt8] {
        let contentLength = length ? "Content-Length: \(body.utf8.count)\r\n" : ""
        return Array("\(method) sip:b@example SIP/2.0\r\nCall-ID: 1\r\n\(contentLength)\r\n\(body)".utf8)
    }

    static func datagram(_ message: [UInt8]) -> [UInt8] { Self.ethernet(0x0800, Self.ipv4(17, Self.udp(message))) }
    static func segment(_ payload: [UInt8], _ sequence: UInt32, flags: UInt8 = 0x18) -> [UInt8] {
        Self.ethernet(0x0800, Self.ipv4(6, Self.tcp(payload, sequence: sequence, flags: flags)))
    }

    /// What comes out when these packets go in.
    static func extract(
        _ packets: [[UInt8]], link: LinkType = .ethernet, filter: String? = nil
    ) throws -> (messages: [CapturedMessage], counts: TraceCounts) {
        var extractor = MessageExtractor()
        if let filter { extractor.filter = try PacketFilter(filter) }
        var messages: [CapturedMessage] = []
        let deliver: MessageExtractor.Deliver = { origin, bytes in
            messages.append(CapturedMessage(origin, bytes: bytes.copy(ByteRange(0, bytes.count))))
        }
        for (index, packet) in packets.enumerated() {
            let record = PacketRecord(
                time: Int64(index) * 1_000_000, start: 0, count: packet.count, wireLength: packet.count, link: link)
            extractor.take(packet.span, record, deliver)
        }
        extractor.finish(deliver)
        return (messages, extractor.counts)
    }
}
