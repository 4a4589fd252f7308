import SIPKit

/// A User-Agent text taken apart into family, model and version, without a list of products.
///
/// `Yealink SIP-T21P_E2 52.84.0.15` is Yealink, T21P E2, 52.84.0.15. A list would be old the day it is written; the
/// shape of the texts is not. The few aliases are cosmetics.
struct UserAgentName: Hashable, Sendable {
    var family: String
    var model: String
    var version: String

    init(_ raw: [UInt8]) {
        let text = Printable.text(raw).split(separator: " ").joined(separator: " ")
        guard !text.isEmpty else {
            self.family = "(none)"
            self.model = ""
            self.version = ""
            return
        }
        let (outside, inside) = Self.cutComments(Self.dropHardwareAddresses(text))
        let found = Self.version(in: outside) ?? (0..<0, "")
        var name = outside
        if !found.1.isEmpty {
            name = String(decoding: Array(outside.utf8)[..<found.0.lowerBound], as: UTF8.self)
        }
        self.version = found.1.isEmpty ? Self.version(in: inside)?.1 ?? "" : found.1
        let parts = Self.parts(name)
        self.family = Self.alias(text, parts.first ?? outside)
        self.model = parts.dropFirst().joined(separator: " ")
    }

    // MARK: Steps

    /// Twelve hexadecimal digits, alone or in pairs: a MAC address names one device and no product.
    private static func dropHardwareAddresses(_ text: String) -> String {
        text.split(separator: " ").filter { word in
            let digits = word.utf8.filter { $0 != ASCII.colon && $0 != ASCII.minus }
            return !(digits.count == 12 && digits.allSatisfy { ASCII.hexValue($0) != nil })
        }.joined(separator: " ")
    }

    private static func cutComments(_ text: String) -> (String, String) {
        var outside: [UInt8] = []
        var inside: [UInt8] = []
        var depth = 0
        for byte in text.utf8 {
            if byte == ASCII.openParen {
                depth += 1
                if depth > 1 { inside.append(ASCII.space) }
            } else if byte == ASCII.closeParen, depth > 0 {
                depth -= 1
                inside.append(ASCII.space)
            } else if depth > 0 {
                inside.append(byte)
            } else {
                outside.append(byte)
            }
        }
        while outside.last == ASCII.space { outside.removeLast() }
        return (String(decoding: outside, as: UTF8.self), String(decoding: inside, as: UTF8.self))
    }

    /// The first dotted number behind a separator (with `v`, `r`, `rv`), else a number behind a slash, else four or more
    /// digits, else what follows "release" or "version".
    private static func version(in text: String) -> (Range<Int>, String)? {
        let bytes = Array(text.utf8)
        func isSeparator(_ byte: UInt8) -> Bool {
            byte == ASCII.space || byte == ASCII.slash || byte == 0x5F || byte == ASCII.minus
        }
        func token(_ start: Int) -> Int {
            var end = start
            while end < bytes.count, ASCII.isAlphanumeric(bytes[end]) || bytes[end] == ASCII.dot { end += 1 }
            while end > start, bytes[end - 1] == ASCII.dot { end -= 1 }
            return end
        }
        var starts: [(separator: Int, digit: Int)] = []
        for at in 0..<bytes.count where at == 0 || isSeparator(bytes[at - 1]) {
            var digit = at
            while digit < bytes.count, digit - at < 2, bytes[digit] | 0x20 == 0x76 || bytes[digit] | 0x20 == 0x72 {
                digit += 1
            }
            if digit < bytes.count, ASCII.isDigit(bytes[digit]) { starts.append((at, digit)) }
        }
        func result(_ separator: Int, _ from: Int, _ to: Int) -> (Range<Int>, String) {
            (max(0, separator - 1)..<to, String(decoding: bytes[from..<to], as: UTF8.self))
        }
        for (separator, digit) in starts {
            var at = digit
            while at < bytes.count, ASCII.isDigit(bytes[at]) { at += 1 }
            if at + 1 < bytes.count, bytes[at] == ASCII.dot, ASCII.isAlphanumeric(bytes[at + 1]) {
                return result(separator, digit, token(digit))
            }
        }
        for (separator, digit) in starts where separator > 0 && bytes[separator - 1] == ASCII.slash {
            return result(separator, digit, token(digit))
        }
        for (separator, digit) in starts {
            var at = digit
            while at < bytes.count, ASCII.isDigit(bytes[at]) { at += 1 }
            if at - digit >= 4, at == bytes.count || isSeparator(bytes[at]) { return result(separator, digit, at) }
        }
        let words = text.split(separator: " ", omittingEmptySubsequences: true)
        for (place, word) in words.enumerated() where place + 1 < words.count && place > 0 {
            let lower = word.lowercased()
            guard lower == "release" || lower == "version" else { continue }
            let before = words[..<place].joined(separator: " ").utf8.count
            return (before..<bytes.count, String(words[place + 1]))
        }
        return nil
    }

    private static let fillers: Set<String> = ["ua", "sip", "pbx", "phone", "mod", "sofia", "release", "version"]

    private static func parts(_ name: String) -> [String] {
        var parts = name.split { " /_-".contains($0) }.map(String.init)
        if parts.count > 1, parts[0].utf8.count <= 2 {
            let joiner = name.utf8.dropFirst(parts[0].utf8.count).first == ASCII.minus ? "-" : " "
            parts[0] += joiner + parts[1]
            parts.remove(at: 1)
        }
        if let first = parts.first, let (head, tail) = Self.split(first, next: parts.count > 1 ? parts[1] : "") {
            parts[0] = head
            if parts.count > 1, parts[1] == tail { parts.remove(at: 1) }
            parts.insert(tail, at: 1)
        }
        let kept = parts.enumerated().filter { $0.offset == 0 || !Self.fillers.contains($0.element.lowercased()) }
        return kept.map(\.element)
    }

    /// `snomD785` is snom D785, `PolycomVVX` with VVX behind it is Polycom VVX; `MicroSIP` stays.
    private static func split(_ word: String, next: String) -> (String, String)? {
        let bytes = Array(word.utf8)
        guard bytes.count > 4 else { return nil }
        for at in 3..<bytes.count {
            let isTurn =
                ASCII.isLetter(bytes[at - 1]) && bytes[at - 1] >= 0x61 && (bytes[at] < 0x61)
            guard isTurn else { continue }
            let tail = String(decoding: bytes[at...], as: UTF8.self)
            let hasDigit = bytes[at...].contains(where: ASCII.isDigit)
            if hasDigit || tail == next { return (String(decoding: bytes[..<at], as: UTF8.self), tail) }
        }
        return nil
    }

    private static func alias(_ whole: String, _ family: String) -> String {
        let lower = whole.lowercased()
        if lower.hasPrefix("sip express router") || lower.hasPrefix("sip express") { return "SER" }
        if lower.hasPrefix("openser") { return "OpenSER" }
        switch family.lowercased() {
        case "fpbx": return "FreePBX"
        case "csco": return "Cisco"
        case "rtc": return "Windows RTC"
        default: return family
        }
    }
}
