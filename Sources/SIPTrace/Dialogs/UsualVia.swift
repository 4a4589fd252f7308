internal import SIPKit

/// A Via line as nearly all write it: one value, `SIP/2.0/UDP host:port;branch=…`, and perhaps `rport` and `received`.
///
/// What is written in any other way is no mistake and gives `nil`: ``SIPKit/ViaRanges`` reads it. What is given here is
/// what that gives.
struct UsualVia {
    var host: ByteRange
    var hostPort: ByteRange
    var port: UInt16?
    var branch: ByteRange
    var hasReceived: Bool

    @inline(__always)
    init?(_ bytes: Span<UInt8>, _ value: ByteRange) {
        // `SIP/2.0/UDP a;branch=z9hG4bK`: 28 bytes, so that the first words may be looked at.
        guard value.count >= 28, value.end <= bytes.count, bytes.word(at: value.start) == Self.usualProtocol,
            bytes.equals(ByteRange(value.start &+ 8, value.start &+ 12), "UDP ")
        else { return nil }
        let end = value.end
        let start = value.start &+ 12
        guard let place = bytes.usualHostPort(ByteRange(start, end)), place.end < end else { return nil }
        self.host = place.host
        self.port = place.port
        self.hostPort = ByteRange(start, place.end)
        var at = place.end
        guard end &- at > 15, bytes.word(at: at) == Self.usualBranch else { return nil }
        at &+= 8
        let semicolon = bytes.firstIndex(of: ASCII.semicolon, in: ByteRange(at, end)) ?? end
        self.branch = ByteRange(at, semicolon)
        guard self.branch.count > 7, bytes.isUsualValue(self.branch) else { return nil }
        self.hasReceived = false
        at = semicolon
        // Each parameter once: what comes twice is for the whole reading.
        if end &- at >= 6, bytes.equals(ByteRange(at, at &+ 6), ";rport") {
            at &+= 6
            if at < end, bytes[unchecked: at] == ASCII.equals {
                let digits = at &+ 1
                at = digits
                while at < end, ASCII.isDigit(bytes[unchecked: at]) { at &+= 1 }
                guard at > digits else { return nil }
            }
        }
        if end &- at > 10, bytes.equals(ByteRange(at, at &+ 10), ";received=") {
            let address = ByteRange(at &+ 10, end)
            guard bytes.isUsualValue(address) else { return nil }
            self.hasReceived = true
            at = end
        }
        guard at == end else { return nil }
    }

    /// `SIP/2.0/` and `;branch=` as ``Swift/Span/word(at:)`` reads them.
    private static var usualProtocol: UInt64 { 0x2F30_2E32_2F50_4953 }
    private static var usualBranch: UInt64 { 0x3D68_636E_6172_623B }
}

extension Span<UInt8> {
    /// A host that is no IPv6 address, and a port where one follows.
    ///
    /// - Returns: `nil` where neither begins the range, or the port is no port; `end` is behind what was found.
    @inline(__always)
    func usualHostPort(_ range: ByteRange) -> (host: ByteRange, port: UInt16?, end: Int)? {
        var at = self.endOfHost(in: range)
        guard at > range.start else { return nil }
        let host = ByteRange(range.start, at)
        guard at < range.end, self[unchecked: at] == ASCII.colon else { return (host, nil, at) }
        var number: UInt32 = 0
        at &+= 1
        let digits = at
        while at < range.end, at &- digits < 6 {
            let digit = self[unchecked: at] &- ASCII.zero
            guard digit < 10 else { break }
            number = number &* 10 &+ UInt32(digit)
            at &+= 1
        }
        guard at > digits, number <= 65_535 else { return nil }
        return (host, UInt16(truncatingIfNeeded: number), at)
    }

    /// Whether a parameter's value is letters, digits, and marks that stand in tokens and hosts only.
    @inline(__always)
    func isUsualValue(_ range: ByteRange) -> Bool { self.endOfHost(in: range) == range.end }
}
