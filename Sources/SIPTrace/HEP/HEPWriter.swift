import SIPKit

extension HEPPacket {
    /// The packet in version 3.
    ///
    /// - Returns: `nil` when the message is too long for one packet (65,535 bytes with all chunks).
    public func version3() -> [UInt8]? {
        var bytes: [UInt8] = Array("HEP3".utf8) + [0, 0]
        let isV6 = self.source.ip.family == .v6 || self.destination.ip.family == .v6
        Self.append(0x01, [isV6 ? 10 : 2], to: &bytes)
        Self.append(0x02, [Self.protocolNumber(self.transport)], to: &bytes)
        Self.append(isV6 ? 0x05 : 0x03, Self.address(self.source.ip, isV6), to: &bytes)
        Self.append(isV6 ? 0x06 : 0x04, Self.address(self.destination.ip, isV6), to: &bytes)
        Self.append(0x07, Self.big(UInt64(self.source.port), 2), to: &bytes)
        Self.append(0x08, Self.big(UInt64(self.destination.port), 2), to: &bytes)
        let time = self.time ?? 0
        Self.append(0x09, Self.big(UInt64(truncatingIfNeeded: time / 1_000_000_000), 4), to: &bytes)
        Self.append(0x0A, Self.big(UInt64(truncatingIfNeeded: time % 1_000_000_000 / 1000), 4), to: &bytes)
        Self.append(0x0B, [self.protocolType], to: &bytes)
        Self.append(0x0C, Self.big(UInt64(self.agent), 4), to: &bytes)
        if !self.password.isEmpty { Self.append(0x0E, self.password, to: &bytes) }
        if !self.agentName.isEmpty { Self.append(0x13, self.agentName, to: &bytes) }
        if !self.correlation.isEmpty { Self.append(0x11, self.correlation, to: &bytes) }
        guard bytes.count + 6 + self.payload.count <= 65_535 else { return nil }
        Self.append(0x0F, self.payload, to: &bytes)
        bytes[4] = UInt8(bytes.count >> 8)
        bytes[5] = UInt8(bytes.count & 255)
        return bytes
    }

    /// The packet in version 2, which knows neither names nor passwords.
    public func version2() -> [UInt8] {
        let isV6 = self.source.ip.family == .v6 || self.destination.ip.family == .v6
        var bytes: [UInt8] = [2, isV6 ? 40 : 16, isV6 ? 10 : 2, Self.protocolNumber(self.transport)]
        bytes += Self.big(UInt64(self.source.port), 2) + Self.big(UInt64(self.destination.port), 2)
        bytes += Self.address(self.source.ip, isV6) + Self.address(self.destination.ip, isV6)
        let time = self.time ?? 0
        // Its receivers read these in their own order, which is little-endian.
        bytes += Self.big(UInt64(truncatingIfNeeded: time / 1_000_000_000), 4).reversed()
        bytes += Self.big(UInt64(truncatingIfNeeded: time % 1_000_000_000 / 1000), 4).reversed()
        bytes += Self.big(UInt64(self.agent & 0xFFFF), 2).reversed() + [0, 0]
        return bytes + self.payload
    }

    private static func append(_ type: UInt8, _ value: [UInt8], to bytes: inout [UInt8]) {
        let length = Swift.min(value.count + 6, 65_535)
        bytes += [0, 0, 0, type, UInt8(length >> 8), UInt8(length & 255)] + value.prefix(length - 6)
    }

    private static func big(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64((count - 1 - $0) * 8)) }
    }

    private static func address(_ ip: IPAddress, _ isV6: Bool) -> [UInt8] {
        if !isV6 { return Self.big(ip.low, 4) }
        return ip.family == .v6
            ? Self.big(ip.high, 8) + Self.big(ip.low, 8) : Self.big(0, 8) + Self.big(0xFFFF << 32 | ip.low, 8)
    }

    private static func protocolNumber(_ transport: TransportProtocol) -> UInt8 {
        switch transport {
        case .udp: 17
        case .tcp: 6
        case .sctp: 132
        // As Kamailio writes it: there is no IP protocol for these.
        case .tls, .ws, .wss: 22
        }
    }
}
