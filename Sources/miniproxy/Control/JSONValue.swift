import SIPKit

/// A value of JSON (RFC 8259); objects keep the order of their members.
enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case array([JSONValue])
    case object([Member])

    struct Member: Sendable, Equatable {
        var name: String
        var value: JSONValue
    }

    static func object(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
        .object(members.map { Member(name: $0.key, value: $0.value) })
    }

    subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    /// A text, or a number or truth value as text; `nil` for everything else.
    var plainText: String? {
        switch self {
        case .text(let text): text
        case .integer(let number): String(number)
        case .number(let number): "\(number)"
        case .bool(let isTrue): isTrue ? "1" : "0"
        case .null, .array, .object: nil
        }
    }

    var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
    var integer: Int? { if case .integer(let number) = self { number } else { nil } }

    // MARK: Writing

    /// One line.
    var line: String {
        var output: [UInt8] = []
        self.write(to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    private func write(to output: inout [UInt8]) {
        switch self {
        case .null: output += "null".utf8
        case .bool(let isTrue): output += (isTrue ? "true" : "false").utf8
        case .integer(let number): output += String(number).utf8
        case .number(let number): output += (number.isFinite ? "\(number)" : "null").utf8
        case .text(let text): Self.write(text, to: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (place, element) in elements.enumerated() {
                if place > 0 { output.append(ASCII.comma) }
                element.write(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            for (place, member) in members.enumerated() {
                if place > 0 { output.append(ASCII.comma) }
                Self.write(member.name, to: &output)
                output.append(ASCII.colon)
                member.value.write(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ text: String, to output: inout [UInt8]) {
        output.append(ASCII.quote)
        for byte in text.utf8 {
            switch byte {
            case ASCII.quote, ASCII.backslash: output += [ASCII.backslash, byte]
            case ASCII.lf: output += "\\n".utf8
            case ASCII.cr: output += "\\r".utf8
            case ASCII.tab: output += "\\t".utf8
            case 0..<0x20, 0x7F:
                output += "\\u00".utf8
                output += [ASCII.hexDigit(byte >> 4), ASCII.hexDigit(byte)]
            default: output.append(byte)
            }
        }
        output.append(ASCII.quote)
    }
}
