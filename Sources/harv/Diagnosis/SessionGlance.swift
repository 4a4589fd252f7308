import SIPKit
import SIPTrace

/// A first look at a session description, as the message comes in: wrong in one direction only, so that most of them need
/// not be read.
///
/// Each of its warnings is absent only where the whole reading (``SessionFacts``) would find nothing of the kind.
struct SessionGlance {
    /// Media may be asked for at a private or local address.
    private(set) var hasPrivateMedia = false
    /// Media may be asked for at a public address although the description's origin (o=) is a private one.
    var isHalfPublic: Bool { self.hasPrivateOrigin && self.hasOtherMedia }
    /// A codec may be described wrongly, or not at all.
    private(set) var hasOddCodecs = false
    private var hasPrivateOrigin = false
    private var hasOtherMedia = false
    /// Dynamic payloads (96 to 127, a bit each) that the stream at hand offers and nobody has described yet.
    private var undescribed: UInt32 = 0
    private var sketched = SessionSketch()
    private var isPlain = true
    private var (lines, streams, connections, origins) = (0, 0, 0, 0)

    init(_ bytes: Span<UInt8>, _ body: ByteRange) {
        var at = body.start
        while at < body.end {
            let end = bytes.firstIndex(of: ASCII.lf, in: ByteRange(at, body.end)) ?? body.end
            if end - at >= 2, bytes[at + 1] == ASCII.equals {
                switch bytes[at] {
                // Attributes that begin otherwise are of no interest here: `rtpmap`, `nortpproxy`, `candidate`.
                case 0x61 where end - at > 2:
                    switch bytes[at + 2] {
                    case 0x72, 0x6E, 0x63: self.attribute(bytes, ByteRange(at + 2, end))
                    default: break
                    }
                case 0x63: self.connection(bytes, ByteRange(at + 2, end))
                case 0x6D: self.media(bytes, ByteRange(at + 2, end))
                case 0x6F: self.origin(bytes, ByteRange(at + 2, end))
                default: break
                }
            }
            at = end + 1
            self.lines += 1
        }
        if self.undescribed != 0 { self.hasOddCodecs = true }
    }

    /// The SDP in short, when it is of the plainest kind; a sketch that is not plain for every other.
    var sketch: SessionSketch {
        guard self.isPlain, !self.hasOddCodecs, self.lines < 100, self.streams == 1, self.connections == 1,
            self.origins == 1
        else { return SessionSketch() }
        var sketch = self.sketched
        sketch.isPlain = true
        return sketch
    }

    private mutating func connection(_ bytes: Span<UInt8>, _ value: ByteRange) {
        self.connections += 1
        let address: IPAddress? =
            value.count > 7 && bytes.equals(ByteRange(value.start, value.start + 7), "IN IP4 ")
            ? Self.address(bytes, ByteRange(value.start + 7, value.end)) : nil
        guard let address, address.family == .v4 else {
            self.hasPrivateMedia = true
            self.hasOtherMedia = true
            self.isPlain = false
            return
        }
        self.sketched.address = UInt32(truncatingIfNeeded: address.low)
        if address.isPrivate || address.isLoopback { self.hasPrivateMedia = true } else { self.hasOtherMedia = true }
    }

    private mutating func origin(_ bytes: Span<UInt8>, _ value: ByteRange) {
        self.origins += 1
        var last = value.end
        while last > value.start, ASCII.isLWS(bytes[last - 1]) { last -= 1 }
        var first = last
        while first > value.start, bytes[first - 1] != ASCII.space { first -= 1 }
        let address = Self.address(bytes, ByteRange(first, last))
        self.hasPrivateOrigin = address.map { $0.isPrivate } ?? true
        if address == nil { self.isPlain = false }
        self.sketched.origin = IdentityHash.of(bytes, ByteRange(value.start, last), seed: 1)
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
        self.streams += 1
        var cursor = ByteCursor(bytes, value)
        let kind = cursor.take { !ASCII.isLWS($0) }
        cursor.skipLWS()
        let port = cursor.take { !ASCII.isLWS($0) }
        cursor.skipLWS()
        let profile = cursor.take { !ASCII.isLWS($0) }
        cursor.skipLWS()
        if !bytes.equals(kind, "audio") || !bytes.equals(profile, "RTP/AVP")
            || ASCII.number(bytes, port, limit: 65_535) ?? 0 == 0
        {
            self.isPlain = false
        }
        while !cursor.isAtEnd {
            guard let payload = cursor.takeNumber(limit: 127), cursor.isAtEnd || ASCII.isLWS(cursor.peek ?? 0) else {
                self.hasOddCodecs = true
                return
            }
            if payload >= 96 {
                self.undescribed |= 1 << UInt32(payload - 96)
            } else if let bit = Self.voice(payload) {
                self.sketched.codecs |= bit
            } else if payload != 13 {
                self.isPlain = false
            }
            cursor.skipLWS()
        }
    }

    private mutating func attribute(_ bytes: Span<UInt8>, _ value: ByteRange) {
        guard value.count > 7, bytes.equals(ByteRange(value.start, value.start + 7), "rtpmap:") else {
            // What marks and candidates say is for the whole reading.
            if bytes[value.start] != 0x72 { self.isPlain = false }
            return
        }
        var cursor = ByteCursor(bytes, ByteRange(value.start + 7, value.end))
        guard let payload = cursor.takeNumber(limit: 127), cursor.skip(ASCII.space) else {
            self.hasOddCodecs = true
            return
        }
        let codec = cursor.take { !ASCII.isLWS($0) }
        cursor.skipLWS()
        if payload >= 96 {
            let bit: UInt32 = 1 << UInt32(payload - 96)
            let isTones = bytes.equalsIgnoringCase(codec, "telephone-event/8000")
            if self.undescribed & bit == 0 || !isTones { self.isPlain = false }
            if isTones { self.sketched.hasTones = true }
            if !codec.isEmpty, bytes[codec.start] != ASCII.slash { self.undescribed &= ~bit }
        } else if !cursor.isAtEnd || !Self.isUsual(payload, bytes, codec) {
            self.hasOddCodecs = true
        }
    }

    /// The bit of a codec for voice that has a payload of its own (RFC 3551).
    private static func voice(_ payload: UInt64) -> UInt8? {
        switch payload {
        case 0: 1
        case 3: 2
        case 4: 4
        case 8: 8
        case 9: 16
        case 18: 32
        default: nil
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

/// SDP of the plainest kind in a few bytes, so that rules about most calls read no description: one stream of voice
/// over RTP/AVP to one IPv4 address, in codecs of RFC 3551 and perhaps tones.
struct SessionSketch: Sendable, Equatable, Codable {
    /// Nothing else means anything where this is false.
    var isPlain = false
    var hasTones = false
    /// One bit for each codec for voice.
    var codecs: UInt8 = 0
    /// Where sound is to go.
    var address: UInt32 = 0
    /// The hash of the o= line.
    var origin: UInt64 = 0
}

extension CallContext {
    /// The sketch of the SDP in a place; `nil` where there is no plain one.
    func plainSession(_ place: Int) -> SessionSketch? {
        let record = self.records[place]
        guard record.sketch.isPlain, record.traits.contains(.hasSession), !record.traits.contains(.isCut) else {
            return nil
        }
        return record.sketch
    }

    /// The offer of the INVITE and the answer of its 2xx, where both are plain.
    var plainOfferAndAnswer: (offer: SessionSketch, answer: SessionSketch)? {
        guard let facts = self.facts, let offer = self.plainSession(facts.lastInvite), let pair = self.answerPair,
            let answer = self.plainSession(pair.in)
        else { return nil }
        return (offer, answer)
    }
}
