import SIPKit
import SIPNet

/// `--hep HOST:PORT`: a copy of our own messages for a collector (Homer and others), in HEP version 3: `HEP3`, the whole
/// length, then chunks of vendor, type, length and value.
final class HEPCopy: TrafficCopy {
    private let endpoint: UDPEndpoint
    private let date: () -> Int64
    private(set) var hasFailed = false
    /// Names us among the agents of a collector.
    private static let agent: UInt32 = 2001

    /// - Parameter date: nanoseconds since 1970.
    init(_ collector: SocketAddress, date: @escaping () -> Int64) throws(SocketError) {
        let any = SocketAddress(collector.ip.family == .v4 ? .anyV4 : .anyV6, 0)
        self.endpoint = try UDPEndpoint(bind: any, connect: collector)
        self.date = date
    }

    func add(
        _ payload: [UInt8], from source: SocketAddress, to destination: SocketAddress,
        over transport: TransportProtocol,
        at nanoseconds: Int64?
    ) {
        let packet = Self.packet(
            payload, from: source, to: destination, over: transport, at: nanoseconds ?? self.date())
        guard packet.count <= ShootDraft.limit else {
            self.hasFailed = true
            return
        }
        self.endpoint.enqueue(copying: packet)
        self.endpoint.flush()
        if self.endpoint.nextError() != nil { self.hasFailed = true }
    }

    static func packet(
        _ payload: [UInt8], from source: SocketAddress, to destination: SocketAddress,
        over transport: TransportProtocol,
        at nanoseconds: Int64
    ) -> [UInt8] {
        let isV4 = source.ip.family == .v4
        var chunks: [UInt8] = []
        func chunk(_ type: UInt16, _ value: [UInt8]) {
            let length = UInt16(truncatingIfNeeded: value.count + 6)
            chunks += [0, 0, UInt8(type >> 8), UInt8(truncatingIfNeeded: type)]
            chunks += [UInt8(length >> 8), UInt8(truncatingIfNeeded: length)] + value
        }
        func bytes(_ number: UInt64, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * (count - 1 - $0))) }
        }
        chunk(1, [isV4 ? 2 : 10])
        chunk(2, [transport == .udp ? 17 : 6])
        for (ip, v4, v6) in [(source.ip, UInt16(3), UInt16(5)), (destination.ip, 4, 6)] {
            if isV4 { chunk(v4, bytes(ip.low, 4)) } else { chunk(v6, bytes(ip.high, 8) + bytes(ip.low, 8)) }
        }
        chunk(7, bytes(UInt64(source.port), 2))
        chunk(8, bytes(UInt64(destination.port), 2))
        chunk(9, bytes(UInt64(Swift.max(0, nanoseconds / 1_000_000_000)), 4))
        chunk(10, bytes(UInt64(Swift.max(0, nanoseconds / 1000 % 1_000_000)), 4))
        // 1 is SIP.
        chunk(11, [1])
        chunk(12, bytes(UInt64(Self.agent), 4))
        chunk(15, Array(payload.prefix(65_000)))
        return Array("HEP3".utf8) + bytes(UInt64(chunks.count + 6), 2) + chunks
    }
}
