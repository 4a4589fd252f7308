import SIPKit

/// Reads the answer of a name server (RFC 1035 §4): total, bounded, compression included.
///
/// The lifetimes are what this is for: c-ares tells them for addresses only.
struct DNSMessage {
    /// Records of one message; RRsets of SIP services have a handful.
    static let mostRecords = 256

    private let bytes: [UInt8]
    private var at = 12

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// - Returns: `nil` for what is no answer.
    static func answer(_ bytes: [UInt8], to question: DNSQuestion) -> DNSAnswer? {
        var message = DNSMessage(bytes)
        return message.read(question)
    }

    private mutating func read(_ question: DNSQuestion) -> DNSAnswer? {
        guard self.bytes.count >= 12, self.bytes[2] & 0x80 != 0 else { return nil }
        let code = self.bytes[3] & 15
        guard let questions = self.number(at: 4), let answers = self.number(at: 6), let authorities = self.number(at: 8)
        else { return nil }
        for _ in 0..<Swift.min(Int(questions), 16) {
            guard self.name() != nil else { return nil }
            self.at += 4
        }
        var records: [DNSRecord] = []
        var lifetime = UInt32.max
        // A CNAME leads on; name servers put the records behind it into the same answer.
        for _ in 0..<Swift.min(Int(answers), Self.mostRecords) {
            guard let entry = self.entry() else { break }
            guard entry.kind == question.kind.rawValue || entry.kind == 5 else { continue }
            lifetime = Swift.min(lifetime, entry.lifetime)
            if entry.kind != 5, let record = self.record(question.kind, entry.start, entry.end) {
                records.append(record)
            }
        }
        if !records.isEmpty { return DNSAnswer(.records(records), lifetime: lifetime) }
        // "No" holds as long as the zone's SOA says (RFC 2308 §5); a minute where none came along.
        var negative = Swift.min(lifetime, 60)
        for _ in 0..<Swift.min(Int(authorities), 16) {
            guard let entry = self.entry() else { break }
            if entry.kind == 6, entry.end >= entry.start + 4, let high = self.number(at: entry.end - 4),
                let low = self.number(at: entry.end - 2)
            {
                negative = Swift.min(entry.lifetime, UInt32(high) << 16 | UInt32(low), lifetime)
            }
        }
        switch code {
        case 0: return DNSAnswer(.records([]), lifetime: negative)
        case 3: return DNSAnswer(.noSuchName, lifetime: negative)
        default: return nil
        }
    }

    private func number(at place: Int) -> UInt16? {
        guard place >= 0, place + 2 <= self.bytes.count else { return nil }
        return UInt16(self.bytes[place]) << 8 | UInt16(self.bytes[place + 1])
    }

    private struct Entry {
        var kind: UInt16
        var lifetime: UInt32
        var start: Int
        var end: Int
    }

    private mutating func entry() -> Entry? {
        guard self.name() != nil, let kind = self.number(at: self.at), let high = self.number(at: self.at + 4),
            let low = self.number(at: self.at + 6), let length = self.number(at: self.at + 8)
        else { return nil }
        let start = self.at + 10
        let end = start + Int(length)
        guard end <= self.bytes.count else { return nil }
        self.at = end
        // A lifetime with the top bit set counts as none (RFC 2181 §8).
        let lifetime = UInt32(high) << 16 | UInt32(low)
        return Entry(kind: kind, lifetime: lifetime > 0x7FFF_FFFF ? 0 : lifetime, start: start, end: end)
    }

    /// Reads a name and goes behind it. Pointers lead backwards only, so that a loop ends.
    private mutating func name() -> [UInt8]? {
        var place = self.at
        var behind: Int?
        var name: [UInt8] = []
        while true {
            guard place < self.bytes.count else { return nil }
            let length = Int(self.bytes[place])
            if length == 0 {
                self.at = behind ?? place + 1
                return name
            }
            if length >= 0xC0 {
                guard let pointer = self.number(at: place) else { return nil }
                let target = Int(pointer & 0x3FFF)
                guard target < place else { return nil }
                behind = behind ?? place + 2
                place = target
                continue
            }
            guard length < 64, place + 1 + length <= self.bytes.count, name.count + length + 1 <= 255 else {
                return nil
            }
            if !name.isEmpty { name.append(ASCII.dot) }
            name += self.bytes[(place + 1)..<(place + 1 + length)]
            place += 1 + length
        }
    }

    private func name(at place: Int, before end: Int) -> [UInt8]? {
        var reader = self
        reader.at = place
        return place < end ? reader.name() : nil
    }

    private func record(_ kind: DNSQuestion.Kind, _ start: Int, _ end: Int) -> DNSRecord? {
        let data = self.bytes[start..<end]
        switch kind {
        case .a:
            guard data.count == 4 else { return nil }
            return .address(IPAddress(v4: data.reduce(0) { $0 << 8 | UInt32($1) }))
        case .aaaa:
            guard data.count == 16 else { return nil }
            return .address(
                IPAddress(
                    v6: data.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
                    data.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }))
        case .srv:
            guard data.count >= 7, let priority = self.number(at: start), let weight = self.number(at: start + 2),
                let port = self.number(at: start + 4), let target = self.name(at: start + 6, before: end)
            else { return nil }
            return .srv(priority: priority, weight: weight, port: port, target: DNSName(target))
        case .naptr: return self.naptr(start, end)
        }
    }

    /// Order, preference, three texts with their lengths, and a name (RFC 3403 §4.1).
    private func naptr(_ start: Int, _ end: Int) -> DNSRecord? {
        guard let order = self.number(at: start), let preference = self.number(at: start + 2), start + 4 <= end else {
            return nil
        }
        var place = start + 4
        var texts: [String] = []
        for _ in 0..<3 {
            guard place < end, place + 1 + Int(self.bytes[place]) <= end else { return nil }
            let text = self.bytes[(place + 1)..<(place + 1 + Int(self.bytes[place]))]
            texts.append(Printable.text(Array(text)))
            place += 1 + Int(self.bytes[place])
        }
        guard let replacement = self.name(at: place, before: end) else { return nil }
        return .naptr(
            order: order, preference: preference, flags: texts[0].lowercased(), service: texts[1].uppercased(),
            replacement: DNSName(replacement))
    }
}
