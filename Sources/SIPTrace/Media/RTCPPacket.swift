import SIPKit

/// What the packets of one RTCP datagram say about streams (RFC 3550 §6.4, RFC 3611 §4.7). What else they hold is passed
/// over; a packet whose length reaches over the end ends the reading.
enum RTCPPacket: Equatable {
    /// A sender tells the time: the middle 32 bits of its NTP clock.
    case senderReport(ssrc: UInt32, clock: UInt32)
    /// What a receiver got of the stream `block.ssrc`.
    case received(by: UInt32, ReportBlock)
    /// What a receiver's own measurement says (VoIP metrics).
    case metrics(of: UInt32, VoIPMetrics)
    case bye(ssrc: UInt32)

    struct ReportBlock: Equatable {
        var ssrc: UInt32
        /// Of 256, since the report before.
        var fractionLost: Int
        /// Since the beginning; may be negative when packets come twice.
        var cumulativeLost: Int
        /// In units of the stream's clock.
        var jitter: UInt32
        /// The clock of the last sender report, and how long ago it came, in 1/65536 s.
        var lastReport: UInt32
        var delay: UInt32
    }

    struct VoIPMetrics: Equatable {
        var rating: Int?
        /// Tenths.
        var listeningMOS: Int?
        /// Milliseconds.
        var roundTrip: Int
    }

    static func isRTCP(_ bytes: Span<UInt8>) -> Bool {
        bytes.count >= 8 && bytes.u8(0) >> 6 == 2 && (192...223).contains(bytes.u8(1))
    }

    static func read(_ bytes: Span<UInt8>) -> [RTCPPacket] {
        var found: [RTCPPacket] = []
        var at = 0
        while at + 8 <= bytes.count, bytes.u8(at) >> 6 == 2 {
            let end = at + 4 + bytes.u16(at + 2) * 4
            guard end <= bytes.count else { break }
            let count = bytes.u8(at) & 31
            let sender = bytes.u32(at + 4)
            switch bytes.u8(at + 1) {
            case 200 where end - at >= 28:
                found.append(.senderReport(ssrc: sender, clock: bytes.u32(at + 10)))
                Self.readBlocks(bytes, at + 28, end, count, sender, &found)
            case 201: Self.readBlocks(bytes, at + 8, end, count, sender, &found)
            case 203: found.append(.bye(ssrc: sender))
            case 207: Self.readExtended(bytes, at + 8, end, &found)
            default: break
            }
            at = end
        }
        return found
    }

    private static func readBlocks(
        _ bytes: Span<UInt8>, _ start: Int, _ end: Int, _ count: Int, _ sender: UInt32, _ found: inout [RTCPPacket]
    ) {
        for index in 0..<count {
            let at = start + index * 24
            guard at + 24 <= end else { return }
            let lost = bytes.u32(at + 4)
            let cumulative = Int(Int32(bitPattern: lost << 8) >> 8)
            found.append(
                .received(
                    by: sender,
                    ReportBlock(
                        ssrc: bytes.u32(at), fractionLost: Int(lost >> 24), cumulativeLost: cumulative,
                        jitter: bytes.u32(at + 12), lastReport: bytes.u32(at + 16), delay: bytes.u32(at + 20))))
        }
    }

    private static func readExtended(_ bytes: Span<UInt8>, _ start: Int, _ end: Int, _ found: inout [RTCPPacket]) {
        var at = start
        while at + 4 <= end {
            let next = at + 4 + bytes.u16(at + 2) * 4
            guard next <= end else { return }
            if bytes.u8(at) == 7, next - at >= 36 {
                // 127 means that it is not known (RFC 3611 §4.7.5).
                let (rating, mos) = (bytes.u8(at + 24), bytes.u8(at + 26))
                found.append(
                    .metrics(
                        of: bytes.u32(at + 4),
                        VoIPMetrics(
                            rating: rating == 127 ? nil : rating, listeningMOS: mos == 127 ? nil : mos,
                            roundTrip: bytes.u16(at + 16))))
            }
            at = next
        }
    }
}
