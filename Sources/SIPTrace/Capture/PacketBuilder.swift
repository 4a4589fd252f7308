import SIPKit

/// Packets made from messages that no single packet of the capture holds: reassembled, unwrapped, decrypted.
///
/// They are raw Ethernet frames with correct checksums, so that any tool reads them back. UDP cannot carry more than
/// 65,507 bytes; what is longer is cut, and the record says so.
public enum PacketBuilder {
    /// Bytes before the IP header.
    public static let linkHeaderLength = 14

    /// - Returns: the frame; its length is what can be carried.
    public static func frame(_ origin: MessageOrigin, _ message: Span<UInt8>) -> [UInt8] {
        let isV6 = origin.source.ip.family == .v6 || origin.destination.ip.family == .v6
        let payload = message.copy(ByteRange(0, Swift.min(message.count, isV6 ? 65_527 : 65_507)))
        var frame: [UInt8] = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1] + (isV6 ? [0x86, 0xDD] : [0x08, 0x00])
        let length = 8 + payload.count
        let addresses = Self.address(origin.source.ip, isV6) + Self.address(origin.destination.ip, isV6)
        var udp: [UInt8] = []
        Self.append(origin.source.port, to: &udp)
        Self.append(origin.destination.port, to: &udp)
        Self.append(UInt16(truncatingIfNeeded: length), to: &udp)
        udp += [0, 0]
        var sum = Self.sum(addresses) + Self.sum(udp) + Self.sum(payload) + 17 + UInt64(length)
        sum = Self.fold(sum)
        let check = sum == 0xFFFF ? 0xFFFF : ~UInt16(truncatingIfNeeded: sum)
        udp[6] = UInt8(check >> 8)
        udp[7] = UInt8(truncatingIfNeeded: check)
        if isV6 {
            frame += [0x60, 0, 0, 0]
            Self.append(UInt16(truncatingIfNeeded: length), to: &frame)
            frame += [17, 64] + addresses
        } else {
            var header: [UInt8] = [0x45, 0]
            Self.append(UInt16(truncatingIfNeeded: 20 + length), to: &header)
            header += [0, 0, 0, 0, 64, 17, 0, 0] + addresses
            let check = ~UInt16(truncatingIfNeeded: Self.fold(Self.sum(header)))
            header[10] = UInt8(check >> 8)
            header[11] = UInt8(truncatingIfNeeded: check)
            frame += header
        }
        return frame + udp + payload
    }

    private static func address(_ ip: IPAddress, _ isV6: Bool) -> [UInt8] {
        if !isV6 { return (0..<4).map { UInt8(truncatingIfNeeded: ip.low >> UInt64(24 - $0 * 8)) } }
        let (high, low) = ip.family == .v6 ? (ip.high, ip.low) : (0, 0xFFFF_0000_0000 | ip.low)
        return (0..<16).map { UInt8(truncatingIfNeeded: ($0 < 8 ? high : low) >> UInt64(56 - $0 % 8 * 8)) }
    }

    private static func append(_ value: UInt16, to bytes: inout [UInt8]) {
        bytes.append(UInt8(value >> 8))
        bytes.append(UInt8(truncatingIfNeeded: value))
    }

    private static func sum(_ bytes: [UInt8]) -> UInt64 {
        var sum: UInt64 = 0
        for (index, byte) in bytes.enumerated() { sum += index & 1 == 0 ? UInt64(byte) << 8 : UInt64(byte) }
        return sum
    }

    private static func fold(_ sum: UInt64) -> UInt64 {
        var sum = sum
        while sum >> 16 != 0 { sum = (sum & 0xFFFF) + sum >> 16 }
        return sum
    }
}
