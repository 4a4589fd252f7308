import Glibc
import SIPKit

/// `--pcap FILE`: a copy of our own datagrams, readable by every capture tool (classic pcap, nanoseconds, raw IP).
///
/// What went over a stream stands in a datagram as well, decrypted. No capture rights are needed, since the packets are made here: IP and UDP headers around what was sent and received.
final class PacketCopy: TrafficCopy {
    private let descriptor: Int32
    private let date: () -> Int64
    private(set) var hasFailed = false

    /// - Parameter date: nanoseconds since 1970.
    init(_ path: String, date: @escaping () -> Int64) throws(UsageError) {
        self.descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard self.descriptor >= 0 else { throw UsageError("unable to write the file '\(path)'.") }
        self.date = date
        self.write(Self.header)
    }

    deinit { close(self.descriptor) }

    /// Magic of nanosecond files, version 2.4, snapshot length, LINKTYPE_RAW.
    static let header: [UInt8] = PacketCopy.words([0xA1B2_3C4D, 0x0004_0002, 0, 0, 262_144, 101])

    func add(
        _ payload: [UInt8], from source: SocketAddress, to destination: SocketAddress,
        over transport: TransportProtocol = .udp, at nanoseconds: Int64? = nil
    ) {
        let time = nanoseconds ?? self.date()
        let packet = Self.packet(payload, from: source, to: destination)
        let head = Self.words([
            UInt32(truncatingIfNeeded: time / 1_000_000_000), UInt32(truncatingIfNeeded: time % 1_000_000_000),
            UInt32(truncatingIfNeeded: packet.count), UInt32(truncatingIfNeeded: packet.count),
        ])
        self.write(head + packet)
    }

    /// IP and UDP around a payload; checksums as the RFCs want them.
    static func packet(_ payload: [UInt8], from source: SocketAddress, to destination: SocketAddress) -> [UInt8] {
        let payload = payload.count > 65_000 ? Array(payload[..<65_000]) : payload
        let length = payload.count + 8
        let addresses = Self.bytes(source.ip) + Self.bytes(destination.ip)
        var udp =
            Self.short(source.port) + Self.short(destination.port) + Self.short(UInt16(length)) + [0, 0] + payload
        let pseudo = addresses + [0, 17] + Self.short(UInt16(length))
        let sum = Self.checksum(pseudo + udp)
        let value = sum == 0 ? 0xFFFF : sum
        udp[6] = UInt8(value >> 8)
        udp[7] = UInt8(truncatingIfNeeded: value)
        if source.ip.family == .v6 {
            return [0x60, 0, 0, 0] + Self.short(UInt16(length)) + [17, 64] + addresses + udp
        }
        var ip: [UInt8] = [0x45, 0] + Self.short(UInt16(length + 20)) + [0, 0, 0x40, 0, 64, 17, 0, 0] + addresses
        let head = Self.checksum(ip)
        ip[10] = UInt8(head >> 8)
        ip[11] = UInt8(truncatingIfNeeded: head)
        return ip + udp
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for at in stride(from: 0, to: bytes.count, by: 2) {
            sum &+= UInt32(bytes[at]) << 8 | (at + 1 < bytes.count ? UInt32(bytes[at + 1]) : 0)
            sum = sum & 0xFFFF &+ sum >> 16
        }
        return ~UInt16(truncatingIfNeeded: sum & 0xFFFF &+ sum >> 16)
    }

    private static func short(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)] }

    private static func bytes(_ ip: IPAddress) -> [UInt8] {
        let low = (0..<8).map { UInt8(truncatingIfNeeded: ip.low >> UInt64(56 - 8 * $0)) }
        if ip.family == .v4 { return Array(low[4...]) }
        return (0..<8).map { UInt8(truncatingIfNeeded: ip.high >> UInt64(56 - 8 * $0)) } + low
    }

    private static func words(_ words: [UInt32]) -> [UInt8] {
        words.flatMap { word in [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) } }
    }

    private func write(_ bytes: [UInt8]) {
        guard !self.hasFailed else { return }
        let written = bytes.withUnsafeBytes { Glibc.write(self.descriptor, $0.baseAddress, $0.count) }
        if written != bytes.count { self.hasFailed = true }
    }
}
