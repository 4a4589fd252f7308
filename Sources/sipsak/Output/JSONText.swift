import SIPKit

/// A JSON value that keeps the order of its members, and the text of it (RFC 8259).
indirect enum JSONText: Equatable, Sendable {
    case null
    case bool(Bool)
    case int(Int)
    /// Milliseconds with three decimals.
    case milliseconds(Duration)
    /// A number with that many decimals.
    case decimal(Double, places: Int)
    case string([UInt8])
    case array([JSONText])
    case object([(String, JSONText)])

    static func text(_ text: String) -> JSONText { .string(Array(text.utf8)) }
    static func text(_ text: String?) -> JSONText { text.map { .text($0) } ?? .null }
    static func text(_ bytes: some Sequence<UInt8>) -> JSONText { .string(Array(bytes)) }

    func write(to output: inout ByteWriter) {
        switch self {
        case .null: output.write("null")
        case .bool(let value): output.write(value ? "true" as StaticString : "false")
        case .int(let value): output.write(number: value)
        case .milliseconds(let value): output.write(Milliseconds.text(value))
        case .decimal(let value, let places): output.write(Self.decimal(value, places))
        case .string(let bytes): Self.write(bytes, to: &output)
        case .array(let values):
            output.write(byte: ASCII.openBracket)
            for (index, value) in values.enumerated() {
                if index > 0 { output.write(byte: ASCII.comma) }
                value.write(to: &output)
            }
            output.write(byte: ASCII.closeBracket)
        case .object(let members):
            output.write("{")
            for (index, member) in members.enumerated() {
                if index > 0 { output.write(byte: ASCII.comma) }
                Self.write(Array(member.0.utf8), to: &output)
                output.write(byte: ASCII.colon)
                member.1.write(to: &output)
            }
            output.write("}")
        }
    }

    /// A finite number without an exponent; JSON has no other.
    static func decimal(_ value: Double, _ places: Int) -> String {
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        guard value.isFinite, abs(value) * scale < 9e15 else { return "0" }
        let scaled = Int((abs(value) * scale).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard places > 0 else { return "\(sign)\(scaled)" }
        let fraction = String(scaled % Int(scale))
        return "\(sign)\(scaled / Int(scale))." + String(repeating: "0", count: places - fraction.utf8.count) + fraction
    }

    /// Bytes as a JSON string: what is not UTF-8 becomes U+FFFD, control characters (C1 too) become `\u00XX`.
    private static func write(_ bytes: [UInt8], to output: inout ByteWriter) {
        output.write(byte: ASCII.quote)
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar.value {
            case 0x22: output.write("\\\"")
            case 0x5C: output.write("\\\\")
            case 0x0A: output.write("\\n")
            case 0x0D: output.write("\\r")
            case 0x09: output.write("\\t")
            case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029:
                output.write("\\u")
                output.write(hex: [
                    UInt8(truncatingIfNeeded: scalar.value >> 8), UInt8(truncatingIfNeeded: scalar.value),
                ])
            default: output.write(String(scalar))
            }
        }
        output.write(byte: ASCII.quote)
    }

    static func == (left: JSONText, right: JSONText) -> Bool { left.line == right.line }

    /// The value in one line.
    var line: String {
        var output = ByteWriter(capacity: 256)
        self.write(to: &output)
        return output.string
    }
}
