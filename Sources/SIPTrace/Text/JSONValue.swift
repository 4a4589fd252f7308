internal import SIPKit

/// One JSON value, read strictly (RFC 8259), with its depth bounded; for lines of NDJSON and saved reports.
public enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case list([JSONValue])
    case object([(key: String, value: JSONValue)])

    public static let maxDepth = 64

    /// - Returns: `nil` when the bytes are not one JSON value with blanks around it.
    public init?(_ bytes: Span<UInt8>) {
        var cursor = ByteCursor(bytes)
        guard let value = Self.value(&cursor, depth: 0) else { return nil }
        cursor.skipLWS()
        guard cursor.isAtEnd else { return nil }
        self = value
    }

    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.number(let a), .number(let b)): a == b
        case (.string(let a), .string(let b)): a == b
        case (.list(let a), .list(let b)): a == b
        case (.object(let a), .object(let b)): a.elementsEqual(b) { $0.key == $1.key && $0.value == $1.value }
        default: false
        }
    }

    /// The value of a key; `nil` where there is none or this is no object.
    public subscript(key: String) -> JSONValue? {
        guard case .object(let pairs) = self else { return nil }
        return pairs.first { $0.key == key }?.value
    }

    public var text: String? { if case .string(let text) = self { text } else { nil } }
    public var number: Double? { if case .number(let number) = self { number } else { nil } }
    public var elements: [JSONValue] { if case .list(let list) = self { list } else { [] } }

    // MARK: Reading

    @_lifetime(cursor: copy cursor)
    private static func value(_ cursor: inout ByteCursor, depth: Int) -> JSONValue? {
        cursor.skipLWS()
        guard depth < Self.maxDepth, let first = cursor.peek else { return nil }
        switch first {
        case 0x7B: return Self.object(&cursor, depth)
        case ASCII.openBracket: return Self.list(&cursor, depth)
        case ASCII.quote: return Self.string(&cursor).map { .string(String(decoding: $0, as: UTF8.self)) }
        case 0x74: return Self.word(&cursor, "true") ? .bool(true) : nil
        case 0x66: return Self.word(&cursor, "false") ? .bool(false) : nil
        case 0x6E: return Self.word(&cursor, "null") ? .null : nil
        default: return Self.number(&cursor)
        }
    }

    @_lifetime(cursor: copy cursor)
    private static func word(_ cursor: inout ByteCursor, _ text: StaticString) -> Bool {
        let range = cursor.take(while: ASCII.isLetter)
        return cursor.bytes.equals(range, text)
    }

    @_lifetime(cursor: copy cursor)
    private static func number(_ cursor: inout ByteCursor) -> JSONValue? {
        let range = cursor.take {
            ASCII.isDigit($0) || $0 == ASCII.minus || $0 == ASCII.plus || $0 == ASCII.dot || $0 | 0x20 == 0x65
        }
        guard range.count < 40 else { return nil }
        return Double(cursor.bytes.string(range)).map { .number($0) }
    }

    @_lifetime(cursor: copy cursor)
    private static func list(_ cursor: inout ByteCursor, _ depth: Int) -> JSONValue? {
        _ = cursor.next()
        var values: [JSONValue] = []
        cursor.skipLWS()
        if cursor.skip(ASCII.closeBracket) { return .list([]) }
        while let value = Self.value(&cursor, depth: depth + 1) {
            values.append(value)
            cursor.skipLWS()
            if cursor.skip(ASCII.closeBracket) { return .list(values) }
            guard cursor.skip(ASCII.comma) else { return nil }
        }
        return nil
    }

    @_lifetime(cursor: copy cursor)
    private static func object(_ cursor: inout ByteCursor, _ depth: Int) -> JSONValue? {
        _ = cursor.next()
        var pairs: [(key: String, value: JSONValue)] = []
        cursor.skipLWS()
        if cursor.skip(0x7D) { return .object([]) }
        while true {
            cursor.skipLWS()
            guard let key = Self.string(&cursor) else { return nil }
            cursor.skipLWS()
            guard cursor.skip(ASCII.colon), let value = Self.value(&cursor, depth: depth + 1) else { return nil }
            pairs.append((String(decoding: key, as: UTF8.self), value))
            cursor.skipLWS()
            if cursor.skip(0x7D) { return .object(pairs) }
            guard cursor.skip(ASCII.comma) else { return nil }
        }
    }

    /// A string's content in UTF-8.
    @_lifetime(cursor: copy cursor)
    private static func string(_ cursor: inout ByteCursor) -> [UInt8]? {
        guard cursor.skip(ASCII.quote) else { return nil }
        var output: [UInt8] = []
        while let byte = cursor.next() {
            switch byte {
            case ASCII.quote: return output
            case ASCII.backslash:
                guard let escaped = cursor.next(), Self.unescape(escaped, &cursor, &output) else { return nil }
            case ..<0x20: return nil
            default: output.append(byte)
            }
        }
        return nil
    }

    @_lifetime(cursor: copy cursor)
    private static func unescape(_ byte: UInt8, _ cursor: inout ByteCursor, _ output: inout [UInt8]) -> Bool {
        switch byte {
        case ASCII.quote, ASCII.backslash, ASCII.slash: output.append(byte)
        case 0x62: output.append(0x08)
        case 0x66: output.append(0x0C)
        case 0x6E: output.append(ASCII.lf)
        case 0x72: output.append(ASCII.cr)
        case 0x74: output.append(ASCII.tab)
        case 0x75:
            guard let unit = Self.unit(&cursor) else { return false }
            var scalar = UInt32(unit)
            if unit & 0xFC00 == 0xD800 {
                guard cursor.skip(ASCII.backslash), cursor.skip(0x75), let low = Self.unit(&cursor),
                    low & 0xFC00 == 0xDC00
                else { return false }
                scalar = 0x10000 + ((UInt32(unit) & 0x3FF) << 10 | UInt32(low) & 0x3FF)
            }
            guard let character = Unicode.Scalar(scalar) else { return false }
            output += Array(String(Character(character)).utf8)
        default: return false
        }
        return true
    }

    @_lifetime(cursor: copy cursor)
    private static func unit(_ cursor: inout ByteCursor) -> UInt16? {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = cursor.next(), let digit = ASCII.hexValue(byte) else { return nil }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }
}
