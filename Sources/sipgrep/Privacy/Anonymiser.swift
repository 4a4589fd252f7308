import SIPKit
import SIPTrace

/// `--anonymise`: other names, numbers, hosts and addresses in the same shape, so that a capture can be given away.
///
/// The same key gives the same replacement everywhere: in packets' addresses and in every message, so calls stay calls
/// and networks stay networks. Letters stay letters and digits digits, and each keeps its length (IPv6 addresses may not).
/// What credentials are made of is replaced too. Kept are: methods, codes, header names, branches, tags, user agents.
struct Anonymiser {
    private let substitution: Substitution
    /// Names that were seen in places where names stand, to be replaced wherever they turn up.
    private var names: Set<[UInt8]> = []

    static let maximumNames = 100_000

    /// - Parameter key: the same key makes the same replacements in another run; drawn where there is none.
    init(key: String? = nil) { self.substitution = Substitution(key: key) }

    mutating func message(_ message: CapturedMessage) -> CapturedMessage {
        var origin = message.origin
        origin.source.ip = self.substitution.address(origin.source.ip)
        origin.destination.ip = self.substitution.address(origin.destination.ip)
        let bytes = self.bytes(message.bytes)
        if let wire = origin.wireLength {
            origin.wireLength = Swift.max(bytes.count, wire + bytes.count - message.bytes.count)
        }
        origin.capturedLength = bytes.count
        return CapturedMessage(origin, bytes: bytes)
    }

    mutating func bytes(_ message: [UInt8]) -> [UInt8] {
        let (head, body) = Self.split(message)
        var lines = Self.lines(head)
        for line in lines { self.learn(line) }
        for index in lines.indices { lines[index] = self.line(lines[index], isStart: index == 0) }
        var newBody = body
        if !body.isEmpty {
            let type = lines.first { Self.hasName($0, ["content-type", "c"]) } ?? []
            newBody = self.body(
                body, isSDP: ByteSearch.contains(type, "sdp"), isText: ByteSearch.contains(type, "text/plain"))
        }
        if newBody.count != body.count {
            for index in lines.indices where Self.hasName(lines[index], ["content-length", "l"]) {
                guard let colon = lines[index].firstIndex(of: ASCII.colon) else { continue }
                let end: [UInt8] = lines[index].contains(ASCII.cr) ? [ASCII.cr, ASCII.lf] : [ASCII.lf]
                lines[index] = lines[index][...colon] + Array(" \(newBody.count)".utf8) + end
            }
        }
        return lines.flatMap { $0 } + newBody
    }

    // MARK: Parts

    private static func split(_ message: [UInt8]) -> (head: [UInt8], body: [UInt8]) {
        for index in message.indices where message[index] == ASCII.lf {
            let rest = message[(index + 1)...]
            if rest.first == ASCII.lf { return (Array(message[...(index + 1)]), Array(rest.dropFirst())) }
            if rest.starts(with: [ASCII.cr, ASCII.lf]) {
                return (Array(message[...(index + 2)]), Array(rest.dropFirst(2)))
            }
        }
        return (message, [])
    }

    /// Lines with their ends.
    private static func lines(_ bytes: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = 0
        for index in bytes.indices where bytes[index] == ASCII.lf {
            lines.append(Array(bytes[start...index]))
            start = index + 1
        }
        if start < bytes.count { lines.append(Array(bytes[start...])) }
        return lines
    }

    private static func hasName(_ line: [UInt8], _ names: [String]) -> Bool {
        let name = line.prefix { $0 != ASCII.colon && !ASCII.isBlank($0) }.map { ASCII.lowercased($0) }
        return names.contains { name.elementsEqual($0.utf8) }
    }

    // MARK: Learning

    /// Users and hosts of URIs, display names, what stands before and behind an `@`.
    private mutating func learn(_ line: [UInt8]) {
        for range in Self.uris(line) {
            let uri = line[range]
            if let at = uri.firstIndex(of: 0x40) {
                self.remember(uri[..<at].prefix { $0 != ASCII.colon && $0 != ASCII.semicolon })
                self.remember(uri[(at + 1)...].prefix { Self.isWord($0) })
            } else {
                self.remember(uri.prefix { Self.isWord($0) })
            }
        }
        if Self.hasName(line, ["call-id", "i"]), let colon = line.firstIndex(of: ASCII.colon) {
            for word in line[(colon + 1)...].split(whereSeparator: { !Self.isWord($0) }) { self.remember(word) }
        }
        for text in Self.quoted(line) {
            for word in line[text].split(whereSeparator: { !Self.isWord($0) && $0 < 0x80 }) { self.remember(word) }
        }
        if Self.hasName(line, Self.addressHeaders), let open = line.firstIndex(of: ASCII.less),
            let colon = line.firstIndex(of: ASCII.colon), colon < open
        {
            for word in line[(colon + 1)..<open].split(whereSeparator: { !Self.isWord($0) && $0 < 0x80 }) {
                self.remember(word)
            }
        }
    }

    private static let addressHeaders = [
        "from", "f", "to", "t", "contact", "m", "p-asserted-identity", "p-preferred-identity", "remote-party-id",
        "reply-to", "refer-to", "r", "referred-by", "b", "diversion", "history-info",
    ]

    private mutating func remember(_ word: ArraySlice<UInt8>) {
        let name = word.map { ASCII.lowercased($0) }
        guard name.count >= 2, self.names.count < Self.maximumNames, !Vocabulary.isKnown(name),
            IPAddress(String(decoding: name, as: UTF8.self)) == nil
        else { return }
        self.names.insert(name)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        ASCII.isAlphanumeric(byte) || byte == 0x2E || byte == 0x2D || byte == 0x5F || byte == ASCII.plus || byte == 0x25
            || byte >= 0x80
    }

    /// What stands behind `sip:`, `sips:` and `tel:`, up to where the URI cannot go on.
    private static func uris(_ line: [UInt8]) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var at = 0
        while at < line.count {
            guard
                let scheme = ["sip:", "sips:", "tel:", "im:", "pres:", "mailto:"].first(where: { scheme in
                    line.count - at > scheme.utf8.count
                        && line[at..<at + scheme.utf8.count].elementsEqual(scheme.utf8) { ASCII.lowercased($0) == $1 }
                }), at == 0 || !ASCII.isAlphanumeric(line[at - 1])
            else {
                at += 1
                continue
            }
            let start = at + scheme.utf8.count
            let end =
                line[start...].firstIndex { $0 <= 0x20 || $0 == 0x3E || $0 == ASCII.quote || $0 == ASCII.comma }
                ?? line.count
            found.append(start..<end)
            at = Swift.max(end, at + 1)
        }
        return found
    }

    private static func quoted(_ line: [UInt8]) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var start: Int?
        for index in line.indices where line[index] == ASCII.quote {
            if let from = start {
                found.append(from..<index)
                start = nil
            } else {
                start = index + 1
            }
        }
        return found
    }

    // MARK: Replacing

    /// Parameters whose values are made of passwords.
    private static let secrets = ["response", "cnonce", "nonce", "opaque", "nextnonce", "rspauth"]

    private func line(_ line: [UInt8], isStart: Bool) -> [UInt8] {
        if Self.hasName(
            line, ["user-agent", "server", "cseq", "allow", "supported", "k", "accept", "date", "max-forwards"])
        {
            return line
        }
        var result: [UInt8] = []
        let colon = isStart ? nil : line.firstIndex(of: ASCII.colon)
        var at = 0
        if let colon {
            result += line[...colon]
            at = colon + 1
        }
        if Self.hasName(line, ["subject", "s", "organization", "alert-info", "call-info"]), colon != nil {
            return result + self.substitution.text(line[at...])
        }
        let isCredentials = Self.hasName(
            line,
            ["authorization", "proxy-authorization", "www-authenticate", "proxy-authenticate", "authentication-info"])
        var parameter: [UInt8] = []
        while at < line.count {
            guard Self.isWord(line[at]) else {
                result.append(line[at])
                at += 1
                continue
            }
            let end = line[at...].firstIndex { !Self.isWord($0) } ?? line.count
            let word = line[at..<end]
            let isSecret = isCredentials && Self.secrets.contains { parameter.elementsEqual($0.utf8) }
            result += isSecret ? self.substitution.text(word) : self.word(word)
            if end < line.count, line[end] == ASCII.equals {
                parameter = word.map { ASCII.lowercased($0) }
            } else if end < line.count, line[end] == ASCII.comma {
                parameter = []
            }
            at = end
        }
        return result
    }

    private func word(_ word: ArraySlice<UInt8>) -> [UInt8] {
        if let address = IPAddress(String(decoding: word, as: UTF8.self)) {
            return Array(self.substitution.address(address).description.utf8)
        }
        let name = word.map { ASCII.lowercased($0) }
        guard self.names.contains(name) else { return Array(word) }
        return self.substitution.name(word)
    }

    private func body(_ body: [UInt8], isSDP: Bool, isText: Bool) -> [UInt8] {
        if isText { return self.substitution.text(body[...]) }
        return Self.lines(body).flatMap { line -> [UInt8] in
            guard isSDP, line.count > 2, line[1] == ASCII.equals else { return self.line(line, isStart: true) }
            switch line[0] {
            case 0x73, 0x69, 0x75, 0x65, 0x70:  // s= i= u= e= p=
                return line.prefix(2) + self.substitution.text(line.dropFirst(2))
            case 0x6F:  // o=: the first word is a user.
                let user = line.dropFirst(2).prefix { $0 != ASCII.space }
                return line.prefix(2) + (user.elementsEqual("-".utf8) ? Array(user) : self.substitution.name(user))
                    + self.line(Array(line.dropFirst(2 + user.count)), isStart: true)
            case 0x61 where ByteSearch.contains(line, "a=crypto:") || ByteSearch.contains(line, "a=ice-pwd"):
                return line.prefix(9) + self.substitution.text(line.dropFirst(9))
            default: return self.line(line, isStart: true)
            }
        }
    }
}
