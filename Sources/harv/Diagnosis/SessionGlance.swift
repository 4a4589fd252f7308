import SIPKit

/// A first look at a session description, as the message comes in: wrong in one direction only, so that most of them need
/// not be read.
///
/// Each of these is false only where the whole reading (``SessionFacts``) would find nothing of the kind.
struct SessionGlance {
    /// Media may be asked for at a private or local address.
    private(set) var hasPrivateMedia = false
    /// Media may be asked for at a public address although the session's origin is a private one.
    var isHalfPublic: Bool { self.hasPrivateOrigin && self.hasOtherMedia }
    /// A codec may be described wrongly, or not at all.
    private(set) var hasOddCodecs = false
    private var hasPrivateOrigin = false
    private var hasOtherMedia = false
    /// Dynamic payloads (96 to 127, a bit each) that the stream at hand offers and nobody has described yet.
    private var undescribed: UInt32 = 0

    init(_ bytes: Span<UInt8>, _ body: ByteRange) {
        var at = body.start
        while at < body.end {
            let end = bytes.firstIndex(of: ASCII.lf, in: ByteRange(at, body.end)) ?? body.end
            if end - at > 2, bytes[at + 1] == ASCII.equals {
                switch bytes[at] {
                case 0x61: self.attribute(bytes, ByteRange(at + 2, end))
                case 0x63: self.connection(bytes, ByteRange(at + 2, end))
                case 0x6D: self.media(bytes, ByteRange(at + 2, end))
                case 0x6F: self.origin(bytes, ByteRange(at + 2, end))
                default: break
                }
            }
            at = end + 1
        }
        if self.undescribed != 0 { self.hasOddCodecs = true }
    }

    private mutating func connection(_ bytes: Span<UInt8>, _ value: ByteRange) {
        let address: IPAddress? =
            value.count > 7 && bytes.equals(ByteRange(value.start, value.start + 7), "IN IP4 ")
            ? Self.address(bytes, ByteRange(value.start + 7, value.end)) : nil
        guard let address else {
            self.hasPrivateMedia = true
            self.hasOtherMedia = true
            return
        }
        if address.isPrivate || address.isLoopback { self.hasPrivateMedia = true } else { self.hasOtherMedia = true }
    }

    private mutating func origin(_ bytes: Span<UInt8>, _ value: ByteRange) {
        var last = value.end
        while last > value.start, ASCII.isLWS(bytes[last - 1]) { last -= 1 }
        var first = last
        while first > value.start, bytes[first - 1] != ASCII.space { first -= 1 }
        self.hasPrivateOrigin = Self.address(bytes, ByteRange(first, last)).map { $0.isPrivate } ?? true
    }

    /// The address that a text begins with, up to a blank or a slash.
    private static func address(_ bytes: Span<UInt8>, _ range: ByteRange) -> IPAddress? {
        var end = range.start
        while end < range.end, !ASCII.isLWS(bytes[end]), bytes[end] != ASCII.slash { end += 1 }
        return IPAddress(parsing: bytes, ByteRange(range.start, end))
    }

    private mutating func media(_ bytes: Span<UInt8>, _ value: ByteRange) {
        if self.undescribed != 0 { self.hasOddCodecs = true }
        self.undescribed = 0
        var cursor = ByteCursor(bytes, value)
        for _ in 0..<3 {
            _ = cursor.take { !ASCII.isLWS($0) }
            cursor.skipLWS()
        }
        while !cursor.isAtEnd {
            guard let payload = cursor.takeNumber(limit: 127), cursor.isAtEnd || ASCII.isLWS(cursor.peek ?? 0) else {
                self.hasOddCodecs = true
                return
            }
            if payload >= 96 { self.undescribed |= 1 << UInt32(payload - 96) }
            cursor.skipLWS()
        }
    }

    private mutating func attribute(_ bytes: Span<UInt8>, _ value: ByteRange) {
        guard value.count > 7, bytes.equals(ByteRange(value.start, value.start + 7), "rtpmap:") else { return }
        var cursor = ByteCursor(bytes, ByteRange(value.start + 7, value.end))
        guard let payload = cursor.takeNumber(limit: 127), cursor.skip(ASCII.space) else {
            self.hasOddCodecs = true
            return
        }
        let codec = cursor.take { !ASCII.isLWS($0) }
        cursor.skipLWS()
        if payload >= 96 {
            if !codec.isEmpty, bytes[codec.start] != ASCII.slash { self.undescribed &= ~(1 << UInt32(payload - 96)) }
        } else if !cursor.isAtEnd || !Self.isUsual(payload, bytes, codec) {
            self.hasOddCodecs = true
        }
    }

    /// Whether a payload with a fixed meaning is described as RFC 3551 has it.
    private static func isUsual(_ payload: UInt64, _ bytes: Span<UInt8>, _ codec: ByteRange) -> Bool {
        switch payload {
        case 0: bytes.equalsIgnoringCase(codec, "PCMU/8000")
        case 3: bytes.equalsIgnoringCase(codec, "GSM/8000")
        case 4: bytes.equalsIgnoringCase(codec, "G723/8000")
        case 8: bytes.equalsIgnoringCase(codec, "PCMA/8000")
        case 9: bytes.equalsIgnoringCase(codec, "G722/8000")
        case 13: bytes.equalsIgnoringCase(codec, "CN/8000")
        case 18: bytes.equalsIgnoringCase(codec, "G729/8000")
        default: false
        }
    }
}
