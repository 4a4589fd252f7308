/// One RTP packet with a G.711 payload (RFC 3550 §5.1, RFC 3551).
struct RTPPacket: Equatable, Sendable {
    var payloadType: UInt8
    var sequence: UInt16
    var timestamp: UInt32
    var source: UInt32
    var isMarked = false
    var payload: [UInt8]

    init(
        payloadType: UInt8, sequence: UInt16, timestamp: UInt32, source: UInt32, isMarked: Bool = false,
        payload: [UInt8]
    ) {
        self.payloadType = payloadType
        self.sequence = sequence
        self.timestamp = timestamp
        self.source = source
        self.isMarked = isMarked
        self.payload = payload
    }

    /// Reads a packet; `nil` for anything that is none (another version, cut off, RTCP).
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 12, bytes[0] >> 6 == 2 else { return nil }
        // 72 to 76 are RTCP packet types with the marker bit (RFC 5761 §4).
        guard !(72...76 ~= bytes[1] & 0x7F) else { return nil }
        var start = 12 + Int(bytes[0] & 15) * 4
        if bytes[0] & 0x10 != 0 {
            guard start + 4 <= bytes.count else { return nil }
            start += 4 + (Int(bytes[start + 2]) << 8 | Int(bytes[start + 3])) * 4
        }
        var end = bytes.count
        if bytes[0] & 0x20 != 0, let padding = bytes.last { end -= Int(padding) }
        guard start <= end else { return nil }
        self.payloadType = bytes[1] & 0x7F
        self.isMarked = bytes[1] & 0x80 != 0
        self.sequence = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
        self.timestamp = Self.word(bytes, 4)
        self.source = Self.word(bytes, 8)
        self.payload = Array(bytes[start..<end])
    }

    private static func word(_ bytes: [UInt8], _ at: Int) -> UInt32 {
        UInt32(bytes[at]) << 24 | UInt32(bytes[at + 1]) << 16 | UInt32(bytes[at + 2]) << 8 | UInt32(bytes[at + 3])
    }

    func bytes() -> [UInt8] {
        var output: [UInt8] = [0x80, self.payloadType & 0x7F | (self.isMarked ? 0x80 : 0)]
        output += [UInt8(self.sequence >> 8), UInt8(truncatingIfNeeded: self.sequence)]
        for word in [self.timestamp, self.source] {
            for shift in [24, 16, 8, 0] as [UInt32] { output.append(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        return output + self.payload
    }
}
