public import SIPKit

/// An address value as nearly all write it, `<sip:user@host:port>`, found without reading every byte.
///
/// What is written in any other way is no mistake and gives `nil`: ``SIPKit/AddressRanges`` and ``SIPKit/URIRanges`` read
/// it. What is given here is what those give.
public struct UsualAddress: Sendable, BitwiseCopyable {
    public var uri: ByteRange
    public var user: ByteRange
    public var host: ByteRange
    public var hostPort: ByteRange
    public var port: UInt16?
    /// Behind the closing bracket.
    public var end: Int

    public init?(_ bytes: Span<UInt8>, _ value: ByteRange) {
        // The shortest is `<sip:a@b>`: nine bytes, so that a word may be looked at.
        guard value.count >= 9, value.end <= bytes.count,
            bytes.word(at: value.start) & 0xFF_FFFF_FFFF == Self.usualStart
        else { return nil }
        let start = value.start &+ 5
        guard let close = bytes.firstIndex(of: ASCII.greater, in: ByteRange(start, value.end)),
            let at = bytes.firstIndex(of: ASCII.at, in: ByteRange(start, close)), at > start
        else { return nil }
        let user = ByteRange(start, at)
        guard bytes.firstIndex(of: ASCII.colon, in: user) == nil,
            bytes.firstControlOrSpace(in: ByteRange(start, close)) == nil
        else { return nil }
        var place = at &+ 1
        while place < close {
            let byte = bytes[unchecked: place]
            guard ASCII.isAlphanumeric(byte) || byte == ASCII.dot || byte == ASCII.minus else { break }
            place &+= 1
        }
        let host = ByteRange(at &+ 1, place)
        guard !host.isEmpty else { return nil }
        var port: UInt16? = nil
        if place < close, bytes[unchecked: place] == ASCII.colon {
            var number: UInt32 = 0
            place &+= 1
            let digits = place
            while place < close, place &- digits < 6 {
                let digit = bytes[unchecked: place] &- ASCII.zero
                guard digit < 10 else { break }
                number = number &* 10 &+ UInt32(digit)
                place &+= 1
            }
            guard place > digits, number <= 65_535 else { return nil }
            port = UInt16(truncatingIfNeeded: number)
        }
        // Parameters of the URI are rare enough.
        guard place == close else { return nil }
        self.uri = ByteRange(value.start &+ 1, close)
        self.user = user
        self.host = host
        self.hostPort = ByteRange(at &+ 1, place)
        self.port = port
        self.end = close &+ 1
    }

    /// `<sip:` as ``Swift/Span/word(at:)`` reads it.
    private static var usualStart: UInt64 { 0x3A_7069_733C }
}
