import SIPKit
import SIPTrace

/// Replaces who people are in messages: users, numbers, names, hosts and addresses, the same one always by the same other
/// one, so that a trace or a report can go to a mailing list and still shows what is wrong.
///
/// Private addresses stay private, addresses of one /24 stay together, numbers keep their length and a leading plus or
/// zeros, special hosts stay. Passwords' digests are replaced as well. What was said in bodies that are no session
/// descriptions goes.
///
/// One for a run: it remembers whom it renamed. The command asks it before reading begins, the reading thread afterwards.
final class Anonymizer: @unchecked Sendable {
    private let seed: UInt64
    private var names: [[UInt8]: [UInt8]] = [:]
    private var addresses: [IPAddress: IPAddress] = [:]
    private var nets: [UInt32: UInt32] = [:]
    private var index = MessageIndex()
    /// Names beyond these are made from the hash alone, which needs no memory.
    private static let maxNames = 200_000

    init(seed: UInt64) { self.seed = seed }

    // MARK: Parts

    func address(_ ip: IPAddress) -> IPAddress {
        guard ip.family == .v4, !ip.isAny, !ip.isLoopback, !ip.isMulticast else {
            return ip.family == .v4 ? ip : self.v6(ip)
        }
        if let known = self.addresses[ip] { return known }
        let bits = UInt32(truncatingIfNeeded: ip.low)
        let host = self.shuffle(bits & 0xFF, 8)
        let mapped: UInt32
        switch bits >> 24 {
        case 10: mapped = 10 << 24 | self.shuffle(bits >> 8 & 0xFFFF, 16) << 8 | host
        case 172 where bits >> 20 == 0xAC1: mapped = 0xAC1 << 20 | self.shuffle(bits >> 8 & 0xFFF, 12) << 8 | host
        case 192 where bits >> 16 == 0xC0A8: mapped = 0xC0A8 << 16 | self.shuffle(bits >> 8 & 0xFF, 8) << 8 | host
        case 100 where bits >> 22 == 0x191: mapped = 0x191 << 22 | self.shuffle(bits >> 8 & 0x3FFF, 14) << 8 | host
        default: mapped = self.publicNet(bits >> 8) << 8 | host
        }
        let result = IPAddress(v4: mapped)
        if self.addresses.count < Self.maxNames { self.addresses[ip] = result }
        return result
    }

    /// Another number of so many bits, and never the same for two.
    private func shuffle(_ value: UInt32, _ bits: UInt32) -> UInt32 {
        let key = self.hash(UInt64(bits), 2)
        return (value &* (UInt32(truncatingIfNeeded: key) | 1) &+ UInt32(truncatingIfNeeded: key >> 32))
            & (1 << bits - 1)
    }

    /// A /24 for a public one. 198.18.0.0/15 is for tests: no owner is blamed. What does not fit goes to 240.0.0.0/4,
    /// which nobody has.
    private func publicNet(_ net: UInt32) -> UInt32 {
        if let known = self.nets[net] { return known }
        guard self.nets.count < 512 else { return 0xF0 << 16 | UInt32(self.hash(UInt64(net), 1) & 0xF_FFFF) }
        let new = (198 << 16 | 18 << 8) + UInt32(self.nets.count)
        self.nets[net] = new
        return new
    }

    private func v6(_ ip: IPAddress) -> IPAddress {
        guard !ip.isAny, !ip.isLoopback, !ip.isMulticast else { return ip }
        let net = self.hash(ip.high, 3) & 0xFFFF_FFFF
        let text =
            "\(ip.isPrivate ? "fd00" : "2001:db8"):\(String(net >> 16, radix: 16)):\(String(net & 0xFFFF, radix: 16))::\(String(self.hash(ip.low, 4) & 0xFFFF, radix: 16))"
        return IPAddress(text) ?? ip
    }

    private func hash(_ value: UInt64, _ kind: UInt64) -> UInt64 {
        var hash = IdentityHash(seed: self.seed)
        hash.mix(value)
        hash.mix(kind)
        return hash.value
    }

    private func hash(_ bytes: [UInt8], _ kind: UInt64) -> UInt64 {
        self.hash(IdentityHash.of(bytes.span, ByteRange(0, bytes.count), seed: self.seed), kind)
    }

    /// A user: digits stay digits, letters become letters, the length stays.
    func user(_ name: [UInt8]) -> [UInt8] {
        guard !name.isEmpty else { return [] }
        if let known = self.names[name] { return known }
        var state = self.hash(name, 5)
        let start = name.prefix { $0 == ASCII.plus || $0 == ASCII.zero }.count
        var output = name
        for place in start..<name.count {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let random = UInt8(truncatingIfNeeded: state >> 40)
            if ASCII.isDigit(name[place]) {
                output[place] = ASCII.zero + random % 10
            } else if ASCII.isLetter(name[place]) {
                output[place] = 0x61 + random % 26
            }
        }
        if self.names.count < Self.maxNames { self.names[name] = output }
        return output
    }

    /// A host: addresses by ``address(_:)``, names under `.example`.
    func host(_ name: [UInt8]) -> [UInt8] {
        if let ip = IPAddress(parsing: name.span, ByteRange(0, name.count)) {
            let text = Array("\(self.address(ip))".utf8)
            return name.first == ASCII.openBracket ? [ASCII.openBracket] + text + [ASCII.closeBracket] : text
        }
        guard name.contains(ASCII.dot) else { return name }
        let text = String(decoding: name, as: UTF8.self).lowercased()
        if text.hasSuffix(".invalid") || text.hasSuffix(".example") { return name }
        // One label of the hash: hosts of one domain need not show that they are.
        return Array("host-\(String(self.hash(Array(text.utf8), 6) % 1_679_616, radix: 36)).example".utf8)
    }

    // MARK: Messages

    /// The message with everybody's names replaced; its Content-Length fits its body again.
    func message(_ bytes: Span<UInt8>) -> [UInt8] {
        guard (try? self.index.parse(bytes)) != nil else { return [] }
        let isSession =
            self.index.end - self.index.bodyStart > 2 && bytes[self.index.bodyStart] == 0x76
            && bytes[self.index.bodyStart + 1] == ASCII.equals
        let original = bytes.copy(ByteRange(self.index.bodyStart, self.index.end))
        let body = isSession ? self.session(original) : original.map { ASCII.isLWS($0) ? $0 : 0x78 }
        var output = self.text(bytes.copy(ByteRange(0, self.index.headersStart)))
        for slot in self.index.slots {
            output += bytes.copy(slot.name) + [ASCII.colon, ASCII.space]
            output += self.value(slot.id, bytes.copy(slot.value), shift: body.count - original.count)
            output += [ASCII.cr, ASCII.lf]
        }
        return output + [ASCII.cr, ASCII.lf] + body
    }

    func callID(_ value: [UInt8]) -> [UInt8] {
        guard let at = value.firstIndex(of: ASCII.at) else { return self.user(value) }
        return self.user(Array(value[..<at])) + [ASCII.at] + self.host(Array(value[(at + 1)...]))
    }

    private func value(_ id: HeaderID, _ value: [UInt8], shift: Int) -> [UInt8] {
        switch id {
        case .contentLength:
            guard let length = ASCII.number(value.span, ByteRange(0, value.count), limit: 1 << 24) else { return value }
            return Array("\(max(0, Int(length) + shift))".utf8)
        case .callID: return self.callID(value)
        case .userAgent, .server, .cSeq, .maxForwards, .contentType, .allow, .supported, .require, .expires, .event,
            .subscriptionState, .retryAfter, .sessionExpires, .minSE, .pHint, .date:
            return value
        case .subject, .organization: return value.map { ASCII.isLWS($0) ? $0 : 0x78 }
        case .authorization, .proxyAuthorization, .wwwAuthenticate, .proxyAuthenticate:
            return self.parameters(value)
        default: return self.text(self.displayName(value))
        }
    }

    /// The name in front of `<`.
    private func displayName(_ value: [UInt8]) -> [UInt8] {
        guard let open = value.firstIndex(of: ASCII.less), open > 0 else { return value }
        return value[..<open].map { ASCII.isAlphanumeric($0) || $0 >= 0x80 ? 0x78 : $0 } + value[open...]
    }

    /// Credentials: user, realm and digest replaced, the rest stays.
    private func parameters(_ value: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var at = 0
        while at < value.count {
            guard value[at] == ASCII.quote, let end = value[(at + 1)...].firstIndex(of: ASCII.quote) else {
                output.append(value[at])
                at += 1
                continue
            }
            var start = output.count - 1
            while start > 0, output[start - 1] != ASCII.comma, output[start - 1] != ASCII.space { start -= 1 }
            let name = String(decoding: output[max(0, start)...], as: UTF8.self).lowercased()
            let inner = Array(value[(at + 1)..<end])
            let shown =
                name.hasPrefix("realm=")
                ? self.host(inner)
                : name.hasPrefix("uri=")
                    ? self.text(inner)
                    : ["username=", "response=", "cnonce=", "opaque="].contains { name.hasPrefix($0) }
                        ? self.user(inner) : inner
            output += [ASCII.quote] + shown + [ASCII.quote]
            at = end + 1
        }
        return output
    }

    private func session(_ body: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        for line in body.split(separator: ASCII.lf, omittingEmptySubsequences: false).map({ Array($0) }) {
            if !output.isEmpty || line.isEmpty { output.append(ASCII.lf) }
            guard line.count > 2, line[1] == ASCII.equals else {
                output += line
                continue
            }
            switch line[0] {
            case 0x6F:
                let words = line[2...].split(separator: ASCII.space).map { Array($0) }
                output += line[..<2] + (words.first.map { $0 == [ASCII.minus] ? $0 : self.user($0) } ?? [])
                for word in words.dropFirst() { output += [ASCII.space] + self.text(word) }
            case 0x73, 0x69, 0x75, 0x65, 0x70:
                output += line[..<2] + line[2...].map { ASCII.isAlphanumeric($0) ? 0x78 : $0 }
            default: output += self.text(line)
            }
        }
        // The first line lost no line end: it has none in front.
        return output
    }

    /// Replaces addresses, URIs' users and hosts wherever they stand in a text.
    func text(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var at = 0
        while at < bytes.count {
            if let scheme = Self.scheme(bytes, at) {
                output += bytes[at..<scheme]
                at = self.uri(bytes, scheme, &output)
                continue
            }
            let isStart =
                at == 0
                || !(ASCII.isAlphanumeric(bytes[at - 1]) || bytes[at - 1] == ASCII.dot || bytes[at - 1] == ASCII.minus)
            guard isStart, ASCII.isAlphanumeric(bytes[at]) else {
                output.append(bytes[at])
                at += 1
                continue
            }
            var end = at
            while end < bytes.count,
                ASCII.isAlphanumeric(bytes[end]) || bytes[end] == ASCII.dot || bytes[end] == ASCII.minus
            { end += 1 }
            while end > at, bytes[end - 1] == ASCII.dot { end -= 1 }
            let word = Array(bytes[at..<max(end, at + 1)])
            output += Self.isHost(word) ? self.host(word) : word
            at += word.count
        }
        return output
    }

    /// Behind `sip:`, `sips:` or `tel:`, where one stands.
    private static func scheme(_ bytes: [UInt8], _ at: Int) -> Int? {
        for scheme in ["sip:", "sips:", "tel:"] {
            let count = scheme.utf8.count
            if at + count < bytes.count, bytes[at..<at + count].map(ASCII.lowercased).elementsEqual(scheme.utf8),
                at == 0 || !ASCII.isAlphanumeric(bytes[at - 1])
            {
                return at + count
            }
        }
        return nil
    }

    /// The user of a URI, when it has one; the host is found as a word of its own behind it.
    private func uri(_ bytes: [UInt8], _ start: Int, _ output: inout [UInt8]) -> Int {
        var end = start
        while end < bytes.count, bytes[end] != ASCII.at, bytes[end] != ASCII.greater, bytes[end] != ASCII.semicolon,
            bytes[end] != ASCII.comma, bytes[end] != ASCII.quote, !ASCII.isLWS(bytes[end])
        {
            end += 1
        }
        let isTel = start >= 4 && bytes[start - 4] | 0x20 == 0x74
        guard end < bytes.count && bytes[end] == ASCII.at || isTel else { return start }
        output += self.user(Array(bytes[start..<end]))
        return end
    }

    /// A word that is an address, or a name with a letter at its end (versions and numbers are no hosts).
    private static func isHost(_ word: [UInt8]) -> Bool {
        guard word.contains(ASCII.dot) else { return false }
        if IPAddress(parsing: word.span, ByteRange(0, word.count)) != nil { return true }
        let labels = word.split(separator: ASCII.dot, omittingEmptySubsequences: false)
        guard let last = labels.last, labels.count >= 2, last.count >= 2, last.allSatisfy(ASCII.isLetter) else {
            return false
        }
        return labels.allSatisfy { !$0.isEmpty }
    }
}
