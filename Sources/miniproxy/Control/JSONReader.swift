import SIPKit

/// Reads JSON, from whoever may open the control socket.
struct JSONReader {
    /// Arrays and objects inside one another, so that no text can make the reading go too deep.
    static let deepest = 32

    private let bytes: [UInt8]
    private var at = 0

    /// - Throws: ``ParseError`` "JSON" with the place.
    static func value(_ bytes: [UInt8]) throws(ParseError) -> JSONValue {
        var reader = JSONReader(bytes: bytes)
        let value = try reader.value(depth: 0)
        reader.skipBlanks()
        guard reader.at == bytes.count else { throw reader.error("the end") }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func error(_ expected: String) -> ParseError {
        ParseError(.malformed, "JSON", expected: expected, at: self.at)
    }

    private var next: UInt8? { self.at < self.bytes.count ? self.bytes[self.at] : nil }

    private mutating func skipBlanks() {
        while let byte = self.next, byte == ASCII.space || byte == ASCII.tab || byte == ASCII.cr || byte == ASCII.lf {
            self.at += 1
        }
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        self.skipBlanks()
        guard self.next == byte else { return false }
        self.at += 1
        return true
    }

    private mutating func value(depth: Int) throws(ParseError) -> JSONValue {
        guard depth < Self.deepest else { throw self.error("less than \(Self.deepest) levels") }
        self.skipBlanks()
        switch self.next {
        case ASCII.quote: return .text(try self.text())
        case UInt8(ascii: "["):
            self.at += 1
            var elements: [JSONValue] = []
            if self.skip(UInt8(ascii: "]")) { return .array([]) }
            repeat { elements.append(try self.value(depth: depth + 1)) } while self.skip(ASCII.comma)
            guard self.skip(UInt8(ascii: "]")) else { throw self.error("`]`") }
            return .array(elements)
        case UInt8(ascii: "{"):
            self.at += 1
            var members: [JSONValue.Member] = []
            if self.skip(UInt8(ascii: "}")) { return .object([]) }
            repeat {
                self.skipBlanks()
                let name = try self.text()
                guard self.skip(ASCII.colon) else { throw self.error("`:`") }
                members.append(JSONValue.Member(name: name, value: try self.value(depth: depth + 1)))
            } while self.skip(ASCII.comma)
            guard self.skip(UInt8(ascii: "}")) else { throw self.error("`}`") }
            return .object(members)
        default: return try self.word()
        }
    }

    private mutating func word() throws(ParseError) -> JSONValue {
        let start = self.at
        while let byte = self.next, ASCII.isLetter(byte) || "+-.0123456789".utf8.contains(byte) { self.at += 1 }
        let word = String(decoding: self.bytes[start..<self.at], as: UTF8.self)
        switch word {
        case "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        default:
            if let number = Int(word) { return .integer(number) }
            guard let number = Double(word), number.isFinite else {
                self.at = start
                throw self.error("a value")
            }
            return .number(number)
        }
    }

    private mutating func text() throws(ParseError) -> String {
        guard self.next == ASCII.quote else { throw self.error("a text in quotes") }
        self.at += 1
        var output: [UInt8] = []
        while let byte = self.next {
            self.at += 1
            switch byte {
            case ASCII.quote: return String(decoding: output, as: UTF8.self)
            case ASCII.backslash:
                guard let escaped = self.next else { throw self.error("a character behind `\\`") }
                self.at += 1
                switch escaped {
                case UInt8(ascii: "n"): output.append(ASCII.lf)
                case UInt8(ascii: "r"): output.append(ASCII.cr)
                case UInt8(ascii: "t"): output.append(ASCII.tab)
                case UInt8(ascii: "b"): output.append(8)
                case UInt8(ascii: "f"): output.append(12)
                case UInt8(ascii: "u"): output += Array(String(try self.escapedCharacter()).utf8)
                default: output.append(escaped)
                }
            default: output.append(byte)
            }
        }
        throw self.error("`\"`")
    }

    /// The four digits behind `\u`, and those of the other half where it needs one.
    private mutating func escapedCharacter() throws(ParseError) -> Character {
        let first = try self.fourDigits()
        guard (0xD800...0xDBFF).contains(first) else { return Character(Unicode.Scalar(first) ?? "\u{FFFD}") }
        guard self.at + 1 < self.bytes.count, self.bytes[self.at] == ASCII.backslash,
            self.bytes[self.at + 1] == UInt8(ascii: "u")
        else { return "\u{FFFD}" }
        self.at += 2
        let second = try self.fourDigits()
        guard (0xDC00...0xDFFF).contains(second) else { return "\u{FFFD}" }
        return Character(Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}")
    }

    private mutating func fourDigits() throws(ParseError) -> UInt32 {
        var number: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = self.next.flatMap(ASCII.hexValue) else { throw self.error("four hexadecimal digits") }
            number = number << 4 | UInt32(digit)
            self.at += 1
        }
        return number
    }
}
