import SIPKit
import SIPTrace

/// What a session description says, as far as rules ask: where sound is to go, and in which codecs (RFC 8866).
///
/// Read from bytes in one pass: a night's log has a hundred thousand of them. Text appears only for codecs (short) and
/// for what is odd.
struct SessionFacts: Sendable, Equatable {
    struct Codec: Sendable, Equatable {
        var payload: Int
        /// In capitals; empty for a dynamic payload that nobody describes.
        var name: String
        /// Not tones, comfort noise or redundancy.
        var isVoice: Bool { !["TELEPHONE-EVENT", "CN", "RED", "TONE"].contains(self.name) }
        var clock: Int
        var channels: String
    }

    enum Kind: Sendable, Equatable { case audio, video, image, other }
    enum Direction: Sendable, Equatable { case both, send, receive, none }

    struct Media: Sendable, Equatable {
        var kind: Kind
        var port: Int
        /// RTP/SAVP, RTP/SAVPF and their kin.
        var isEncrypted = false
        /// RTP of any profile.
        var isRTP = false
        var codecs: [Codec] = []
        var connection: IPAddress?
        var hasConnectionLine = false
        var direction: Direction?
        var hasPublicCandidate = false
    }

    /// User name and session number of the o= line, and its version, as hashes: only compared within one conversation.
    var origin: UInt64 = 0
    var originVersion: UInt64 = 0
    var originAddress: IPAddress?
    var connection: IPAddress?
    var hasConnectionLine = false
    var media: [Media] = []
    /// How many marks a media relay left (`a=nortpproxy`).
    var relayMarks = 0
    /// A c= or o= line whose address is none but two in a row, as it stands there.
    var brokenAddress = ""

    static let maxLines = 300
    static let maxMedia = 16

    static func staticCodec(_ payload: Int) -> (name: String, clock: Int)? {
        switch payload {
        case 0: ("PCMU", 8000)
        case 2: ("G726-32", 8000)
        case 3: ("GSM", 8000)
        case 4: ("G723", 8000)
        case 5: ("DVI4", 8000)
        case 6: ("DVI4", 16_000)
        case 7: ("LPC", 8000)
        case 8: ("PCMA", 8000)
        case 9: ("G722", 8000)
        case 12: ("QCELP", 8000)
        case 13: ("CN", 8000)
        case 15: ("G728", 8000)
        case 18: ("G729", 8000)
        case 31: ("H261", 90_000)
        case 34: ("H263", 90_000)
        default: nil
        }
    }

    init(_ bytes: Span<UInt8>, _ body: ByteRange) {
        var at = body.start
        var lines = 0
        while at < body.end, lines < Self.maxLines {
            let end = bytes.firstIndex(of: ASCII.lf, in: ByteRange(at, body.end)) ?? body.end
            var last = end
            while last > at, ASCII.isLWS(bytes[last - 1]) { last -= 1 }
            if last - at >= 2, bytes[at + 1] == ASCII.equals { self.line(bytes[at], bytes, ByteRange(at + 2, last)) }
            at = end + 1
            lines += 1
        }
    }

    private mutating func line(_ type: UInt8, _ bytes: Span<UInt8>, _ value: ByteRange) {
        var cursor = ByteCursor(bytes, value)
        switch type {
        case 0x6F:
            let user = Self.word(&cursor)
            let number = Self.word(&cursor)
            self.origin = IdentityHash.of(bytes, ByteRange(user.start, number.end), seed: 1)
            self.originVersion = IdentityHash.of(bytes, Self.word(&cursor), seed: 1)
            _ = Self.word(&cursor)
            _ = Self.word(&cursor)
            self.originAddress = self.address(bytes, Self.word(&cursor))
        case 0x63:
            _ = Self.word(&cursor)
            _ = Self.word(&cursor)
            let address = self.address(bytes, Self.word(&cursor))
            if self.media.isEmpty {
                self.connection = address
                self.hasConnectionLine = true
            } else {
                self.media[self.media.count - 1].connection = address
                self.media[self.media.count - 1].hasConnectionLine = true
            }
        case 0x6D: self.mediaLine(bytes, &cursor)
        case 0x61: self.attribute(bytes, value)
        default: break
        }
    }

    private mutating func mediaLine(_ bytes: Span<UInt8>, _ cursor: inout ByteCursor) {
        guard self.media.count < Self.maxMedia else { return }
        let kind = Self.word(&cursor)
        var media = Media(
            kind: bytes.equals(kind, "audio")
                ? .audio : bytes.equals(kind, "video") ? .video : bytes.equals(kind, "image") ? .image : .other,
            port: 0)
        let port = Self.word(&cursor)
        let slash = bytes.firstIndex(of: ASCII.slash, in: port) ?? port.end
        media.port = ASCII.number(bytes, ByteRange(port.start, slash), limit: 9_999_999_999).map { Int($0) } ?? 0
        let profile = Self.word(&cursor)
        media.isRTP = bytes.holds(profile, "RTP/")
        media.isEncrypted = bytes.holds(profile, "SAVP")
        media.codecs.reserveCapacity(8)
        while media.codecs.count < 64 {
            let payload = Self.word(&cursor)
            guard !payload.isEmpty else { break }
            guard media.isRTP, let number = ASCII.number(bytes, payload, limit: 127).map({ Int($0) }) else { continue }
            let known = Self.staticCodec(number)
            media.codecs.append(Codec(payload: number, name: known?.name ?? "", clock: known?.clock ?? 0, channels: ""))
        }
        self.media.append(media)
    }

    private mutating func attribute(_ bytes: Span<UInt8>, _ value: ByteRange) {
        var cursor = ByteCursor(bytes, value)
        let name = cursor.takeToken()
        let last = self.media.count - 1
        if bytes.equals(name, "rtpmap") {
            guard last >= 0, cursor.skip(ASCII.colon), let payload = cursor.takeNumber(limit: 127),
                let place = self.media[last].codecs.firstIndex(where: { $0.payload == Int(payload) })
            else { return }
            cursor.skipLWS()
            let codec = cursor.take { $0 != ASCII.slash && !ASCII.isLWS($0) }
            self.media[last].codecs[place].name = Self.capitals(bytes, codec)
            guard cursor.skip(ASCII.slash) else { return }
            self.media[last].codecs[place].clock = cursor.takeNumber(limit: 9_999_999).map { Int($0) } ?? 0
            if cursor.skip(ASCII.slash) {
                self.media[last].codecs[place].channels = bytes.string(cursor.take { !ASCII.isLWS($0) })
            }
        } else if let direction = Self.direction(bytes, name) {
            if last >= 0 { self.media[last].direction = direction }
        } else if bytes.equals(name, "nortpproxy") {
            self.relayMarks += 1
        } else if bytes.equals(name, "candidate"), last >= 0 {
            for _ in 0..<4 { _ = Self.word(&cursor) }
            let address = Self.word(&cursor)
            if let address = IPAddress(parsing: bytes, address), AddressScope.isPublic(address) {
                self.media[last].hasPublicCandidate = true
            }
        }
    }

    /// A name in capitals; the usual ones are short and cost no memory.
    private static func capitals(_ bytes: Span<UInt8>, _ range: ByteRange) -> String {
        guard range.count <= 15 else {
            return String(decoding: bytes.copy(range).map { $0 &- 0x61 < 26 ? $0 & 0xDF : $0 }, as: UTF8.self)
        }
        return String(unsafeUninitializedCapacity: range.count) { buffer in
            for place in 0..<range.count {
                let byte = bytes[range.start + place]
                buffer[place] = byte &- 0x61 < 26 ? byte & 0xDF : byte
            }
            return range.count
        }
    }

    private static func direction(_ bytes: Span<UInt8>, _ name: ByteRange) -> Direction? {
        if bytes.equals(name, "sendrecv") { return .both }
        if bytes.equals(name, "sendonly") { return .send }
        if bytes.equals(name, "recvonly") { return .receive }
        return bytes.equals(name, "inactive") ? Direction.none : nil
    }

    @_lifetime(cursor: copy cursor)
    private static func word(_ cursor: inout ByteCursor) -> ByteRange {
        while let byte = cursor.peek, ASCII.isBlank(byte) { _ = cursor.next() }
        return cursor.take { !ASCII.isLWS($0) }
    }

    /// The address of a c= or o= line; notes one that is two addresses in a row.
    private mutating func address(_ bytes: Span<UInt8>, _ word: ByteRange) -> IPAddress? {
        let slash = bytes.firstIndex(of: ASCII.slash, in: word) ?? word.end
        let range = ByteRange(word.start, slash)
        if let address = IPAddress(parsing: bytes, range) { return address }
        guard range.count > 13, range.count < 40,
            range.indices.allSatisfy({ ASCII.isDigit(bytes[$0]) || bytes[$0] == ASCII.dot })
        else {
            return nil
        }
        for cut in range.start + 7..<range.end
        where IPAddress(parsing: bytes, ByteRange(range.start, cut)) != nil
            && IPAddress(parsing: bytes, ByteRange(cut, range.end)) != nil
        {
            self.brokenAddress = bytes.string(range)
        }
        return nil
    }

    /// A number that a text is, up to a limit.
    static func number(_ text: String, limit: UInt64) -> Int? {
        let bytes = Array(text.utf8)
        return ASCII.number(bytes.span, ByteRange(0, bytes.count), limit: limit).map { Int($0) }
    }

    // MARK: Questions

    func address(of media: Media) -> IPAddress? { media.connection ?? self.connection }

    /// Whether a stream says where to send at all.
    func hasConnection(_ media: Media) -> Bool { media.hasConnectionLine || self.hasConnectionLine }

    /// The streams that are in use, with the address each is to be sent to.
    var active: [(media: Media, address: IPAddress)] {
        self.media.compactMap { media in
            guard media.port != 0, let address = self.address(of: media) else { return nil }
            return (media, address)
        }
    }

    /// The address of the first stream that is in use.
    var firstAddress: IPAddress? {
        guard let first = self.media.first(where: { $0.port != 0 }) else { return nil }
        return first.connection ?? self.connection
    }

    /// The audio codecs that are on offer; tones and comfort noise do not count.
    var audioCodecs: [Codec] {
        self.media.filter { $0.kind == .audio && $0.port != 0 }.flatMap(\.codecs).filter(\.isVoice)
    }

    /// Whether some audio codec that is on offer meets a condition.
    func hasVoice(_ matches: (Codec) -> Bool) -> Bool {
        self.media.contains { media in
            media.kind == .audio && media.port != 0 && media.codecs.contains { $0.isVoice && matches($0) }
        }
    }

    var hasTones: Bool {
        self.media.contains { $0.kind == .audio && $0.codecs.contains { $0.name == "TELEPHONE-EVENT" } }
    }
}
