import SIPKit

/// A message that a capture agent sent: HEP version 1, 2 or 3 (EEP), read or written.
public struct HEPPacket: Sendable, Equatable {
    public var source = SocketAddress(.anyV4, 0)
    public var destination = SocketAddress(.anyV4, 0)
    public var transport = TransportProtocol.udp
    /// Nanoseconds since 1970; `nil` for version 1, which has no time.
    public var time: Int64?
    /// What the payload is; 1 is SIP.
    public var protocolType: UInt8 = 1
    public var agent: UInt32 = 0
    public var agentName: [UInt8] = []
    public var correlation: [UInt8] = []
    public var password: [UInt8] = []
    public var payload: [UInt8] = []

    public init() {}

    /// How long the HEP3 packet at `at` is, from its own header; `nil` when there is none.
    static func length(_ bytes: Span<UInt8>, at: Int) -> Int? {
        guard bytes.u32(at) == 0x4845_5033 else { return nil }
        let length = bytes.u16(at + 4)
        return length >= 6 ? length : nil
    }

    /// Reads version 3, or 1 and 2.
    ///
    /// - Throws: ``ParseError``, `.malformed` for what is no HEP, `.truncated` when chunks reach over the end.
    public init(parsing bytes: Span<UInt8>) throws(ParseError) {
        if let length = Self.length(bytes, at: 0) {
            try self.readChunks(bytes.part(0, length), complete: length <= bytes.count)
        } else {
            try self.readOldHeader(bytes)
        }
    }

    private mutating func readChunks(_ bytes: Span<UInt8>, complete: Bool) throws(ParseError) {
        guard complete else { throw ParseError(.truncated, "HEP") }
        var at = 6
        var seconds: Int64 = 0
        var micros: Int64 = 0
        while at < bytes.count {
            let length = bytes.u16(at + 4)
            guard length >= 6, at + length <= bytes.count else { throw ParseError(.truncated, "HEP chunk", at: at) }
            let value = bytes.part(at + 6, at + length)
            let whole = ByteRange(0, value.count)
            if bytes.u16(at) == 0 {
                switch bytes.u16(at + 2) {
                case 0x02:
                    self.transport =
                        switch value.u8(0) {
                        case 6: .tcp
                        case 22: .tls
                        case 132: .sctp
                        default: .udp
                        }
                case 0x03 where value.count == 4: self.source.ip = IPAddress(v4: value.u32(0))
                case 0x04 where value.count == 4: self.destination.ip = IPAddress(v4: value.u32(0))
                case 0x05 where value.count == 16: self.source.ip = IPAddress(v6: value.u64(0), value.u64(8))
                case 0x06 where value.count == 16: self.destination.ip = IPAddress(v6: value.u64(0), value.u64(8))
                case 0x07: self.source.port = UInt16(truncatingIfNeeded: value.u16(0))
                case 0x08: self.destination.port = UInt16(truncatingIfNeeded: value.u16(0))
                case 0x09: seconds = Int64(value.u32(0))
                case 0x0A: micros = Int64(value.u32(0))
                case 0x0B: self.protocolType = UInt8(value.u8(0))
                case 0x0C: self.agent = value.u32(0)
                case 0x0E: self.password = value.copy(whole)
                case 0x0F: self.payload = value.copy(whole)
                case 0x10:
                    guard let unpacked = Inflater.unpack(value) else {
                        throw ParseError(.malformed, "HEP payload", expected: "zlib or gzip data", at: at)
                    }
                    self.payload = unpacked
                case 0x11: self.correlation = value.copy(whole)
                case 0x13: self.agentName = value.copy(whole)
                default: break
                }
            }
            at += length
        }
        if seconds > 0 { self.time = seconds &* 1_000_000_000 &+ micros &* 1000 }
    }

    /// Versions 1 and 2. The header length is not used: one widespread sender writes a wrong one.
    private mutating func readOldHeader(_ bytes: Span<UInt8>) throws(ParseError) {
        let version = bytes.u8(0)
        let family = bytes.u8(2)
        let isV6 = family == 10 || family == 28 || family == 30
        guard version == 1 || version == 2, family == 2 || isV6, [6, 17, 22, 132].contains(bytes.u8(3)) else {
            throw ParseError(.malformed, "HEP", expected: "HEP3, or version 1 or 2")
        }
        let addresses = 8
        let length = isV6 ? 40 : 16
        guard bytes.count > length + (version == 2 ? 12 : 0) else { throw ParseError(.truncated, "HEP") }
        self.transport = bytes.u8(3) == 6 ? .tcp : bytes.u8(3) == 22 ? .tls : bytes.u8(3) == 132 ? .sctp : .udp
        self.source.port = UInt16(truncatingIfNeeded: bytes.u16(4))
        self.destination.port = UInt16(truncatingIfNeeded: bytes.u16(6))
        if isV6 {
            self.source.ip = IPAddress(v6: bytes.u64(addresses), bytes.u64(addresses + 8))
            self.destination.ip = IPAddress(v6: bytes.u64(addresses + 16), bytes.u64(addresses + 24))
        } else {
            self.source.ip = IPAddress(v4: bytes.u32(addresses))
            self.destination.ip = IPAddress(v4: bytes.u32(addresses + 4))
        }
        var start = length
        if version == 2 {
            // In the sender's byte order: sensible microseconds tell which.
            let little = bytes.u32(length + 4).byteSwapped < 1_000_000
            let seconds = little ? bytes.u32(length).byteSwapped : bytes.u32(length)
            let micros = little ? bytes.u32(length + 4).byteSwapped : bytes.u32(length + 4)
            self.time = Int64(seconds) * 1_000_000_000 + Int64(micros) * 1000
            self.agent = UInt32(bytes.u8(length + 8) | bytes.u8(length + 9) << 8)
            start += 12
        }
        self.payload = bytes.copy(ByteRange(start, bytes.count))
    }
}
