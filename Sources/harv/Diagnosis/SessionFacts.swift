import SIPKit

/// What a session description says, as far as rules ask: where sound is to go, and in which codecs (RFC 8866).
struct SessionFacts: Sendable, Equatable {
    struct Codec: Sendable, Equatable {
        var payload: Int
        /// In capitals.
        var name: String
        var clock: Int
        var channels: String
    }

    struct Media: Sendable, Equatable {
        /// `audio`, `video`, `image`.
        var kind: String
        var port: Int
        var profile: String
        var codecs: [Codec]
        /// Payload numbers that have an rtpmap although the m= line does not offer them.
        var strayMaps: [Int] = []
        var connection: String?
        var direction = ""
        var hasPublicCandidate = false
        var hasKeys = false
    }

    var origin = ""
    var originVersion = ""
    var originAddress = ""
    var connection = ""
    var direction = ""
    var media: [Media] = []
    var relayMarks = 0
    /// A c= or o= line whose address is none, as it stands there.
    var brokenAddress = ""

    static let staticCodecs: [Int: (String, Int)] = [
        0: ("PCMU", 8000), 3: ("GSM", 8000), 4: ("G723", 8000), 5: ("DVI4", 8000), 6: ("DVI4", 16000), 7: ("LPC", 8000),
        8: ("PCMA", 8000), 9: ("G722", 8000), 12: ("QCELP", 8000), 13: ("CN", 8000), 15: ("G728", 8000),
        18: ("G729", 8000),
        31: ("H261", 90000), 34: ("H263", 90000), 2: ("G726-32", 8000),
    ]

    /// - Parameter body: the bytes of the description; at most 200 lines are read.
    init(_ body: [UInt8]) {
        var maps: [[Int: Codec]] = []
        var payloads: [[Int]] = []
        for line in body.split(whereSeparator: { $0 == ASCII.lf || $0 == ASCII.cr }).prefix(200) {
            guard line.count >= 2, line[line.startIndex + 1] == ASCII.equals else { continue }
            let value = Printable.text(line.dropFirst(2))
            switch line.first {
            case 0x6F:
                let words = value.split(separator: " ").map(String.init)
                if words.count >= 6 {
                    self.origin = words[0] + " " + words[1]
                    self.originVersion = words[2]
                    self.originAddress = words[5]
                    self.check(words[5])
                }
            case 0x63:
                let words = value.split(separator: " ").map(String.init)
                guard words.count >= 3 else { continue }
                let address = String(words[2].split(separator: "/").first ?? "")
                self.check(address)
                if self.media.isEmpty {
                    self.connection = address
                } else {
                    self.media[self.media.count - 1].connection = address
                }
            case 0x6D:
                guard self.media.count < 16 else { continue }
                let words = value.split(separator: " ").map(String.init)
                guard words.count >= 3 else { continue }
                let port = Self.number(String(words[1].split(separator: "/").first ?? ""), limit: 9_999_999_999) ?? 0
                self.media.append(Media(kind: words[0], port: port, profile: words[2], codecs: []))
                payloads.append(words.dropFirst(3).compactMap { Self.number($0, limit: 127) })
                maps.append([:])
            case 0x61: self.attribute(value, &maps)
            default: break
            }
        }
        for place in self.media.indices {
            self.media[place].codecs = payloads[place].map { payload in
                if let mapped = maps[place][payload] { return mapped }
                let known = Self.staticCodecs[payload]
                return Codec(payload: payload, name: known?.0 ?? "", clock: known?.1 ?? 0, channels: "")
            }
            self.media[place].strayMaps = maps[place].keys.filter { !payloads[place].contains($0) }.sorted()
        }
    }

    private mutating func attribute(_ value: String, _ maps: inout [[Int: Codec]]) {
        if value.hasPrefix("rtpmap:"), let last = maps.indices.last {
            let words = value.dropFirst(7).split(separator: " ").map(String.init)
            guard words.count >= 2, let payload = Self.number(words[0], limit: 127) else { return }
            let parts = words[1].split(separator: "/").map(String.init)
            maps[last][payload] = Codec(
                payload: payload, name: (parts.first ?? "").uppercased(),
                clock: parts.count > 1 ? Self.number(parts[1], limit: 9_999_999) ?? 0 : 0,
                channels: parts.count > 2 ? parts[2] : "")
            return
        }
        switch value {
        case "sendrecv", "sendonly", "recvonly", "inactive":
            if self.media.isEmpty { self.direction = value } else { self.media[self.media.count - 1].direction = value }
        case _ where value.hasPrefix("nortpproxy"): self.relayMarks += 1
        case _ where value.hasPrefix("crypto:") || value.hasPrefix("fingerprint:"):
            if !self.media.isEmpty { self.media[self.media.count - 1].hasKeys = true }
        case _ where value.hasPrefix("candidate:"):
            let words = value.split(separator: " ")
            if words.count > 4, !self.media.isEmpty, let address = IPAddress(words[4]), AddressScope.isPublic(address) {
                self.media[self.media.count - 1].hasPublicCandidate = true
            }
        default: break
        }
    }

    /// An address that is no address, but is one written twice.
    private mutating func check(_ address: String) {
        guard IPAddress(address) == nil else { return }
        let bytes = Array(address.utf8)
        guard bytes.allSatisfy({ ASCII.isDigit($0) || $0 == ASCII.dot }), bytes.count > 8 else { return }
        for cut in 7..<bytes.count {
            let (left, right) = (
                String(decoding: bytes[..<cut], as: UTF8.self), String(decoding: bytes[cut...], as: UTF8.self)
            )
            if IPAddress(left) != nil, IPAddress(right) != nil {
                self.brokenAddress = address
                return
            }
        }
    }

    static func number(_ text: String, limit: UInt64) -> Int? {
        let bytes = Array(text.utf8)
        return ASCII.number(bytes.span, ByteRange(0, bytes.count), limit: limit).map { Int($0) }
    }

    func address(of media: Media) -> String { media.connection ?? self.connection }

    /// The streams that are in use, with the address each is to be sent to.
    var active: [(media: Media, address: IPAddress)] {
        self.media.compactMap { media in
            guard media.port != 0, let address = IPAddress(self.address(of: media)) else { return nil }
            return (media, address)
        }
    }

    /// The audio codecs that are on offer; tones and comfort noise do not count.
    var audioCodecs: [Codec] {
        self.media.filter { $0.kind == "audio" && $0.port != 0 }.flatMap(\.codecs)
            .filter { !["TELEPHONE-EVENT", "CN", "RED", "TONE"].contains($0.name) }
    }

    var hasTones: Bool {
        self.media.contains { $0.kind == "audio" && $0.codecs.contains { $0.name == "TELEPHONE-EVENT" } }
    }
}
