import SIPKit

/// Reads JSON text (RFC 8259) into values that keep the order of their members. Depth is bounded, so a file of brackets
/// ends with an error.
struct JSONReader {
    private let bytes: [UInt8]
    private var at = 0
    private static let maximumDepth = 32

    /// - Throws: ``UsageError`` with the line and what was expected there.
    static func read(_ bytes: [UInt8]) throws(UsageError) -> JSONText {
        var reader = JSONReader(bytes: bytes)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.at == bytes.count else { throw reader.wrong("the end") }
        return value
    }

    private func wrong(_ expected: String) -> UsageError {
        let line = 1 + self.bytes[..<Swift.min(self.at, self.bytes.count)].count { $0 == ASCII.lf }
        let found =
            self.at < self.bytes.count
            ? "'\(Printable.text(self.bytes[self.at...].prefix(12)))'" : "the end of the file"
        return UsageError("line \(line): expected \(expected), found \(found)")
    }

    private mutating func skipSpace() {
        while self.at < self.bytes.count, ASCII.isLWS(self.bytes[self.at]) { self.at += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        self.skipSpace()
        guard self.at < self.bytes.count, self.bytes[self.at] == byte else { return false }
        self.at += 1
        return true
    }

    private mutating func take(_ word: String) -> Bool {
        let wanted = Array(word.utf8)
        guard self.bytes[self.at...].starts(with: wanted) else { return false }
        self.at += wanted.count
        return true
    }

    private mutating func value(depth: Int) throws(UsageError) -> JSONText {
        guard depth < Self.maximumDepth else { throw self.wrong("at most \(Self.maximumDepth) levels") }
        self.skipSpace()
        guard self.at < self.bytes.count else { throw self.wrong("a value") }
        switch self.bytes[self.at] {
        case 0x7B:
            self.at += 1
            return try self.object(depth)
        case ASCII.openBracket:
            self.at += 1
            return try self.array(depth)
        case ASCII.quote: return .string(try self.string())
        default:
            if self.take("true") { return .bool(true) }
            if self.take("false") { return .bool(false) }
            if self.take("null") { return .null }
            return try self.number()
        }
    }

    private mutating func object(_ depth: Int) throws(UsageError) -> JSONText {
        var members: [(String, JSONText)] = []
        if self.take(0x7D) { return .object([]) }
        while true {
            self.skipSpace()
            guard self.at < self.bytes.count, self.bytes[self.at] == ASCII.quote else { throw self.wrong("a name") }
            let name = String(decoding: try self.string(), as: UTF8.self)
            guard self.take(ASCII.colon) else { throw self.wrong("':'") }
            members.append((name, try self.value(depth: depth + 1)))
            if self.take(0x7D) { return .object(members) }
            guard self.take(ASCII.comma) else { throw self.wrong("',' or '}'") }
        }
    }

    private mutating func array(_ depth: Int) throws(UsageError) -> JSONText {
        var values: [JSONText] = []
        if self.take(ASCII.closeBracket) { return .array([]) }
        while true {
            values.append(try self.value(depth: depth + 1))
            if self.take(ASCII.closeBracket) { return .array(values) }
            guard self.take(ASCII.comma) else { throw self.wrong("',' or ']'") }
        }
    }

    /// Whole numbers only: nothing that is read here has fractions.
    private mutating func number() throws(UsageError) -> JSONText {
        let start = self.at
        while self.at < self.bytes.count, ASCII.isDigit(self.bytes[self.at]) { self.at += 1 }
        guard let value = ASCII.number(self.bytes.span, ByteRange(start, self.at), limit: 2_000_000_000_000) else {
            self.at = start
            throw self.wrong("a value (numbers are whole and not negative)")
        }
        return .int(Int(value))
    }

    private mutating func string() throws(UsageError) -> [UInt8] {
        self.at += 1
        var output: [UInt8] = []
        while self.at < self.bytes.count {
            let byte = self.bytes[self.at]
            self.at += 1
            switch byte {
            case ASCII.quote: return output
            case ASCII.backslash: try self.escape(&output)
            case 0..<0x20:
                self.at -= 1
                throw self.wrong("no control character in a text")
            default: output.append(byte)
            }
        }
        throw self.wrong("'\"'")
    }

    private mutating func escape(_ output: inout [UInt8]) throws(UsageError) {
        guard self.at < self.bytes.count else { throw self.wrong("a character behind '\\'") }
        let byte = self.bytes[self.at]
        self.at += 1
        switch byte {
        case 0x6E: output.append(ASCII.lf)
        case 0x72: output.append(ASCII.cr)
        case 0x74: output.append(ASCII.tab)
        case 0x62: output.append(8)
        case 0x66: output.append(12)
        case ASCII.quote, ASCII.backslash, ASCII.slash: output.append(byte)
        case 0x75:
            var code = try self.hex()
            if 0xD800...0xDBFF ~= code, self.take("\\u") {
                let low = try self.hex()
                guard 0xDC00...0xDFFF ~= low else { throw self.wrong("the second half of a surrogate pair") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = UnicodeScalar(code) else { throw self.wrong("a character") }
            output += Array(String(Character(scalar)).utf8)
        default:
            self.at -= 1
            throw self.wrong("an escape")
        }
    }

    private mutating func hex() throws(UsageError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard self.at < self.bytes.count, let digit = ASCII.hexValue(self.bytes[self.at]) else {
                throw self.wrong("four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            self.at += 1
        }
        return value
    }
}

extension JSONText {
    subscript(name: String) -> JSONText? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.0 == name }?.1
    }

    var text: String? {
        guard case .string(let bytes) = self else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    var number: Int? {
        guard case .int(let value) = self else { return nil }
        return value
    }
}
