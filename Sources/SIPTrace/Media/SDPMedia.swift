import SIPKit

/// One `m=` section of a session description (RFC 8866), as far as a trace needs it: where media is expected, and in
/// which formats. Read tolerantly: a line that makes no sense is passed over.
public struct SDPMedia: Sendable, Equatable {
    public struct Format: Sendable, Equatable {
        public var payloadType: Int
        /// `PCMU`, `opus`, …; the number where nobody said.
        public var name: String
        public var clockRate: Int
    }

    /// `audio`, `video`, `image`, …
    public var type: String
    public var address: IPAddress?
    public var port: UInt16
    /// 0 where `a=rtcp:` does not tell: then the port above is used.
    public var rtcpPort: UInt16 = 0
    public var formats: [Format]
    /// `sendrecv` unless told otherwise.
    public var direction = "sendrecv"

    static let maximumSections = 32
    static let maximumFormats = 64

    /// Reads all sections of a body.
    public static func read(_ bytes: Span<UInt8>, _ body: ByteRange) -> [SDPMedia] {
        var sections: [SDPMedia] = []
        var sessionAddress: IPAddress?
        var line = body.start
        let end = Swift.min(body.end, bytes.count)
        while line + 2 <= end {
            let stop = bytes.firstIndex(of: ASCII.lf, in: ByteRange(line, end)) ?? end
            let kind = bytes[line]
            var last = stop
            if last > line, bytes[last - 1] == ASCII.cr { last -= 1 }
            if last >= line + 2, bytes[line + 1] == ASCII.equals {
                let value = ByteRange(line + 2, last)
                switch kind {
                case 0x6D:  // m=
                    guard sections.count < Self.maximumSections else { return sections }
                    if let section = Self.section(bytes.string(value), sessionAddress) { sections.append(section) }
                case 0x63:  // c=
                    let address = Self.words(bytes.string(value)).last.flatMap { IPAddress($0.prefix { $0 != "/" }) }
                    if sections.isEmpty {
                        sessionAddress = address
                    } else {
                        sections[sections.count - 1].address = address
                    }
                case 0x61 where !sections.isEmpty:  // a=
                    sections[sections.count - 1].readAttribute(bytes.string(value))
                default: break
                }
            }
            line = stop + 1
        }
        return sections
    }

    private static func words(_ text: String) -> [Substring] { text.split(separator: " ") }

    private static func section(_ text: String, _ address: IPAddress?) -> SDPMedia? {
        let words = Self.words(text)
        guard words.count >= 3, let port = Self.number(words[1].prefix { $0 != "/" }, limit: 65_535) else { return nil }
        let formats = words.dropFirst(3).prefix(Self.maximumFormats).compactMap { word in
            Self.number(word, limit: 127).map { Self.wellKnown($0) }
        }
        return SDPMedia(type: String(words[0]), address: address, port: UInt16(port), formats: Array(formats))
    }

    private mutating func readAttribute(_ text: String) {
        if ["sendrecv", "sendonly", "recvonly", "inactive"].contains(text) {
            self.direction = text
        } else if text.hasPrefix("rtpmap:") {
            let words = Self.words(String(text.dropFirst(7)))
            guard words.count >= 2, let type = Self.number(words[0], limit: 127) else { return }
            let parts = words[1].split(separator: "/")
            guard let name = parts.first, let at = self.formats.firstIndex(where: { $0.payloadType == type }) else {
                return
            }
            self.formats[at].name = String(name)
            if parts.count > 1, let rate = Self.number(parts[1], limit: 1_000_000), rate > 0 {
                self.formats[at].clockRate = rate
            }
        } else if text.hasPrefix("rtcp:") {
            if let word = Self.words(String(text.dropFirst(5))).first, let port = Self.number(word, limit: 65_535) {
                self.rtcpPort = UInt16(port)
            }
        }
    }

    private static func number(_ text: Substring, limit: UInt64) -> Int? {
        let bytes = Array(text.utf8)
        return ASCII.number(bytes.span, ByteRange(0, bytes.count), limit: limit).map { Int($0) }
    }

    /// The payload types that need no `rtpmap` (RFC 3551 §6).
    public static func wellKnown(_ type: Int) -> Format {
        let names: [Int: (String, Int)] = [
            0: ("PCMU", 8000), 3: ("GSM", 8000), 4: ("G723", 8000), 5: ("DVI4", 8000), 6: ("DVI4", 16000),
            7: ("LPC", 8000), 8: ("PCMA", 8000), 9: ("G722", 8000), 10: ("L16", 44100), 11: ("L16", 44100),
            12: ("QCELP", 8000), 13: ("CN", 8000), 14: ("MPA", 90000), 15: ("G728", 8000), 16: ("DVI4", 11025),
            17: ("DVI4", 22050), 18: ("G729", 8000), 26: ("JPEG", 90000), 31: ("H261", 90000), 32: ("MPV", 90000),
            33: ("MP2T", 90000), 34: ("H263", 90000),
        ]
        let known = names[type] ?? (String(type), 8000)
        return Format(payloadType: type, name: known.0, clockRate: known.1)
    }
}
