/// An IPv4 or IPv6 address as a number; no text, no name, no allocation.
public struct IPAddress: Hashable, Sendable, BitwiseCopyable, Codable {
    public enum Family: UInt8, Sendable, BitwiseCopyable, Codable {
        case v4 = 4
        case v6 = 6
    }

    public let family: Family
    /// The upper 64 bits of an IPv6 address; 0 for IPv4.
    public let high: UInt64
    /// The lower 64 bits of an IPv6 address, or the 32 bits of IPv4.
    public let low: UInt64

    @inlinable
    public init(v4 bits: UInt32) {
        self.family = .v4
        self.high = 0
        self.low = UInt64(bits)
    }

    @inlinable
    public init(v6 high: UInt64, _ low: UInt64) {
        self.family = .v6
        self.high = high
        self.low = low
    }

    public static let anyV4 = IPAddress(v4: 0)
    public static let anyV6 = IPAddress(v6: 0, 0)
    public static let loopbackV4 = IPAddress(v4: 0x7F00_0001)
    public static let loopbackV6 = IPAddress(v6: 0, 1)

    /// `::ffff:192.0.2.1` as `192.0.2.1`, everything else as it is: a dual-stack socket shows IPv4 peers so.
    public var unmapped: IPAddress {
        self.family == .v6 && self.high == 0 && self.low >> 32 == 0xFFFF
            ? IPAddress(v4: UInt32(truncatingIfNeeded: self.low)) : self
    }

    public var isAny: Bool { self.high == 0 && self.low == 0 }

    public var isLoopback: Bool {
        self.family == .v4 ? self.low >> 24 == 127 : self.high == 0 && self.low == 1
    }

    /// RFC 1918, RFC 6598 (carrier NAT) and link-local; for IPv6 unique-local and link-local.
    public var isPrivate: Bool {
        switch self.family {
        case .v4:
            self.low >> 24 == 10 || self.low >> 20 == 0xAC1 || self.low >> 16 == 0xC0A8 || self.low >> 22 == 0x191
                || self.low >> 16 == 0xA9FE
        case .v6: self.high >> 57 == 0x7E || self.high >> 54 == 0x3FA
        }
    }

    public var isMulticast: Bool { self.family == .v4 ? self.low >> 28 == 14 : self.high >> 56 == 0xFF }

    /// 255.255.255.255; broadcasts of a subnet cannot be seen from the address alone.
    public var isBroadcast: Bool { self.family == .v4 && self.low == 0xFFFF_FFFF }

    /// Whether the first `length` bits are those of `network`.
    public func isInside(_ network: IPAddress, prefixLength length: Int) -> Bool {
        guard self.family == network.family else { return false }
        switch self.family {
        case .v4:
            let bits = Swift.max(0, Swift.min(32, length))
            return bits == 0 || (self.low ^ network.low) >> UInt64(32 - bits) == 0
        case .v6:
            let bits = Swift.max(0, Swift.min(128, length))
            if bits == 0 { return true }
            if bits <= 64 { return (self.high ^ network.high) >> UInt64(64 - bits) == 0 }
            return self.high == network.high
                && (bits == 128 ? self.low == network.low : (self.low ^ network.low) >> UInt64(128 - bits) == 0)
        }
    }
}

// MARK: Text

extension IPAddress {
    /// Reads `192.0.2.1`, `2001:db8::1` or `[2001:db8::1]`; anything else, also with blanks or a zone, is `nil`.
    public init?(parsing bytes: Span<UInt8>, _ range: ByteRange) {
        var range = range
        guard range.end <= bytes.count, !range.isEmpty else { return nil }
        if bytes[range.start] == ASCII.openBracket {
            guard range.count > 2, bytes[range.end - 1] == ASCII.closeBracket else { return nil }
            range = ByteRange(range.start + 1, range.end - 1)
            guard let address = Self.parseV6(bytes, range) else { return nil }
            self = address
        } else if let address = Self.parseV4(bytes, range) ?? Self.parseV6(bytes, range) {
            self = address
        } else {
            return nil
        }
    }

    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        self.init(parsing: bytes.span, ByteRange(0, bytes.count))
    }

    static func parseV4(_ bytes: Span<UInt8>, _ range: ByteRange) -> IPAddress? {
        guard range.count >= 7, range.count <= 15 else { return nil }
        var bits: UInt32 = 0
        var part: UInt32 = 0
        var digits = 0
        var dots = 0
        var at = range.start
        while at < range.end {
            let byte = bytes[unchecked: at]
            let digit = UInt32(byte &- ASCII.zero)
            if digit < 10 {
                digits &+= 1
                part = part &* 10 &+ digit
                guard digits <= 3, part <= 255 else { return nil }
            } else {
                guard byte == ASCII.dot, digits > 0, dots < 3 else { return nil }
                bits = bits &<< 8 | part
                part = 0
                digits = 0
                dots &+= 1
            }
            at &+= 1
        }
        guard dots == 3, digits > 0 else { return nil }
        return IPAddress(v4: bits &<< 8 | part)
    }

    static func parseV6(_ bytes: Span<UInt8>, _ range: ByteRange) -> IPAddress? {
        guard range.count >= 2, range.count <= 45 else { return nil }
        var groups = InlineArray<8, UInt16>(repeating: 0)
        var count = 0
        var gap: Int? = nil
        var at = range.start
        let end = range.end
        if bytes[at] == ASCII.colon {
            guard at + 1 < end, bytes[at + 1] == ASCII.colon else { return nil }
            gap = 0
            at += 2
            if at < end, bytes[at] == ASCII.colon, Self.parseV4(bytes, ByteRange(at + 1, end)) != nil { at += 1 }
        }
        while at < end {
            guard count < 8 else { return nil }
            let start = at
            var value: UInt32 = 0
            while at < end, let digit = ASCII.hexValue(bytes[at]), at - start < 5 {
                value = value << 4 | UInt32(digit)
                at += 1
            }
            if at < end, bytes[at] == ASCII.dot {
                // The last 32 bits may be written as IPv4.
                guard count <= 6, let v4 = Self.parseV4(bytes, ByteRange(start, end)) else { return nil }
                groups[count] = UInt16(truncatingIfNeeded: v4.low >> 16)
                groups[count + 1] = UInt16(truncatingIfNeeded: v4.low)
                count += 2
                at = end
                break
            }
            guard at > start, at - start <= 4 else { return nil }
            groups[count] = UInt16(truncatingIfNeeded: value)
            count += 1
            if at == end { break }
            guard bytes[at] == ASCII.colon else { return nil }
            at += 1
            if at < end, bytes[at] == ASCII.colon {
                guard gap == nil else { return nil }
                gap = count
                at += 1
                // RFC 3261's grammar wrote three colons in front of an embedded IPv4 address (RFC 5118 §4.10).
                if at < end, bytes[at] == ASCII.colon {
                    guard Self.parseV4(bytes, ByteRange(at + 1, end)) != nil else { return nil }
                    at += 1
                }
            } else if at == end {
                return nil
            }
        }
        guard gap != nil ? count < 8 : count == 8 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for place in 0..<8 {
            let zeros = 8 - count
            let source: Int? =
                if let gap { place < gap ? place : (place < gap + zeros ? nil : place - zeros) } else { place }
            let group = source.map { UInt64(groups[$0]) } ?? 0
            if place < 4 { high = high << 16 | group } else { low = low << 16 | group }
        }
        return IPAddress(v6: high, low)
    }

    /// Writes the address; IPv6 in the form of RFC 5952, without brackets.
    public func write(to output: inout ByteWriter) {
        switch self.family {
        case .v4:
            for shift in [24, 16, 8, 0] as [UInt64] {
                output.write(number: self.low >> shift & 255)
                if shift > 0 { output.write(byte: ASCII.dot) }
            }
        case .v6 where self.high == 0 && self.low >> 32 == 0xFFFF:
            // RFC 5952 §5: a prefix that says so shows the IPv4 address inside.
            output.write("::ffff:")
            self.unmapped.write(to: &output)
        case .v6:
            let groups = (0..<8).map { place in
                UInt16(truncatingIfNeeded: (place < 4 ? self.high : self.low) >> UInt64((3 - place % 4) * 16))
            }
            let gap = Self.longestZeroRun(groups)
            var place = 0
            while place < 8 {
                if place == gap.lowerBound, gap.count > 1 {
                    output.write("::")
                    place = gap.upperBound
                    continue
                }
                if place > 0, place != gap.upperBound || gap.count < 2 { output.write(byte: ASCII.colon) }
                output.write(String(groups[place], radix: 16))
                place += 1
            }
        }
    }

    private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int> {
        var best = 0..<0
        var start = 0
        while start < groups.count {
            guard groups[start] == 0 else {
                start += 1
                continue
            }
            var end = start
            while end < groups.count, groups[end] == 0 { end += 1 }
            if end - start > best.count { best = start..<end }
            start = end
        }
        return best
    }
}

extension IPAddress: CustomStringConvertible {
    public var description: String {
        var output = ByteWriter()
        self.write(to: &output)
        return output.string
    }
}
