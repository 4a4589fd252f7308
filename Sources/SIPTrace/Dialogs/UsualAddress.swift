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
        let end = value.end
        var at = start
        // A user of letters, digits and the marks that need no escape (RFC 3261 §25.1) up to the `@`.
        while at < end {
            let byte = bytes[unchecked: at]
            guard byte != ASCII.at else { break }
            guard byte > 0x2A, byte < 0x7F, byte != ASCII.colon, byte != ASCII.less, byte != ASCII.greater else {
                return nil
            }
            at &+= 1
        }
        guard at > start, at < end else { return nil }
        let user = ByteRange(start, at)
        guard let address = bytes.usualHostPort(ByteRange(at &+ 1, end)) else { return nil }
        let place = address.end
        // Parameters of the URI are rare enough.
        guard place < end, bytes[unchecked: place] == ASCII.greater else { return nil }
        self.uri = ByteRange(value.start &+ 1, place)
        self.user = user
        self.host = address.host
        self.hostPort = ByteRange(at &+ 1, place)
        self.port = address.port
        self.end = place &+ 1
    }

    /// `<sip:` as ``Swift/Span/word(at:)`` reads it.
    private static var usualStart: UInt64 { 0x3A_7069_733C }
}
