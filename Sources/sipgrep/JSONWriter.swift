import SIPKit

/// One JSON object a line, written as it is told: no tree, no Foundation.
struct JSONWriter: ~Copyable {
    private var needsComma = false

    mutating func open(_ output: inout OutputBuffer, key: StaticString? = nil) {
        self.begin(key, &output)
        output.write("{")
        self.needsComma = false
    }

    mutating func close(_ output: inout OutputBuffer) {
        output.write("}")
        self.needsComma = true
    }

    mutating func openList(_ key: StaticString, _ output: inout OutputBuffer) {
        self.begin(key, &output)
        output.write("[")
        self.needsComma = false
    }

    mutating func closeList(_ output: inout OutputBuffer) {
        output.write("]")
        self.needsComma = true
    }

    mutating func write(_ key: StaticString?, _ number: Int, _ output: inout OutputBuffer) {
        self.begin(key, &output)
        output.write(number: number)
    }

    mutating func write(_ key: StaticString?, _ value: Bool, _ output: inout OutputBuffer) {
        self.begin(key, &output)
        if value { output.write("true") } else { output.write("false") }
    }

    @_disfavoredOverload
    mutating func write(_ key: StaticString?, _ text: String, _ output: inout OutputBuffer) {
        let bytes = Array(text.utf8)
        self.write(key, bytes.span, &output)
    }

    /// A text of ours, which needs no escaping.
    mutating func write(_ key: StaticString?, _ text: StaticString, _ output: inout OutputBuffer) {
        self.begin(key, &output)
        output.write("\"")
        output.write(text)
        output.write("\"")
    }

    mutating func write(_ key: StaticString?, time: Int64, _ clock: inout UTCClock, _ output: inout OutputBuffer) {
        self.begin(key, &output)
        output.write("\"")
        clock.write(time, to: &output)
        output.write("\"")
    }

    /// `192.0.2.1:5060`, `[2001:db8::1]:5060`.
    mutating func write(_ key: StaticString?, _ address: SocketAddress, _ output: inout OutputBuffer) {
        self.begin(key, &output)
        output.write("\"")
        output.write(address)
        output.write("\"")
    }

    /// Nanoseconds as seconds with six digits or, where there are more, nine.
    mutating func write(_ key: StaticString?, seconds nanoseconds: Int64, _ output: inout OutputBuffer) {
        self.begin(key, &output)
        let magnitude = Int(clamping: nanoseconds.magnitude)
        if nanoseconds < 0 { output.write("-") }
        output.write(number: magnitude / 1_000_000_000)
        output.write(".")
        let fraction = magnitude % 1_000_000_000
        if fraction % 1000 == 0 {
            output.write(number: fraction / 1000, width: 6)
        } else {
            output.write(number: fraction, width: 9)
        }
    }

    /// Text from a message. UTF-8 stays; bytes that are none become the characters of their numbers.
    mutating func write(_ key: StaticString?, _ bytes: Span<UInt8>, _ output: inout OutputBuffer) {
        self.begin(key, &output)
        self.string(bytes, asciiOnly: false, &output)
    }

    /// Bytes as a string that can be turned back: every byte above 0x7E and every control is `\u00XX`.
    mutating func write(_ key: StaticString?, raw bytes: Span<UInt8>, _ output: inout OutputBuffer) {
        self.begin(key, &output)
        self.string(bytes, asciiOnly: true, &output)
    }

    private mutating func begin(_ key: StaticString?, _ output: inout OutputBuffer) {
        if self.needsComma { output.write(",") }
        self.needsComma = true
        guard let key else { return }
        output.write("\"")
        output.write(key)
        output.write("\":")
    }

    private func string(_ bytes: Span<UInt8>, asciiOnly: Bool, _ output: inout OutputBuffer) {
        output.write("\"")
        defer { output.write("\"") }
        if Self.needsNoEscape(bytes) { return output.write(bytes) }
        if !asciiOnly, let text = Self.validText(bytes) { return self.scalars(text, &output) }
        for index in bytes.indices { self.byte(bytes[index], &output) }
    }

    private func byte(_ byte: UInt8, _ output: inout OutputBuffer) {
        if byte == ASCII.quote || byte == ASCII.backslash {
            output.write(byte: ASCII.backslash)
            output.write(byte: byte)
        } else if byte >= 0x20, byte < 0x7F {
            output.write(byte: byte)
        } else {
            Self.escape(UInt16(byte), &output)
        }
    }

    /// Letters of every script stay; controls and what turns the writing around are written as numbers.
    private func scalars(_ text: String, _ output: inout OutputBuffer) {
        for scalar in text.unicodeScalars {
            if scalar.isASCII {
                self.byte(UInt8(truncatingIfNeeded: scalar.value), &output)
            } else if Self.isHarmless(scalar) {
                output.write(Array(String(scalar).utf8))
            } else {
                for unit in String(scalar).utf16 { Self.escape(unit, &output) }
            }
        }
    }

    private static func escape(_ unit: UInt16, _ output: inout OutputBuffer) {
        output.write("\\u")
        for shift in [12, 8, 4, 0] as [UInt16] {
            output.write(byte: ASCII.hexDigit(UInt8(truncatingIfNeeded: unit >> shift & 15)))
        }
    }

    /// Printable ASCII without quotes and backslashes: nearly everything.
    private static func needsNoEscape(_ bytes: Span<UInt8>) -> Bool {
        var bad = false
        for index in bytes.indices {
            let byte = bytes[index]
            bad = bad || byte &- 0x20 > 0x5E || byte == ASCII.quote || byte == ASCII.backslash
        }
        return !bad
    }

    /// The text, where it is UTF-8 with more than ASCII in it.
    private static func validText(_ bytes: Span<UInt8>) -> String? {
        var isASCII = true
        for index in bytes.indices where bytes[index] >= 0x80 {
            isASCII = false
            break
        }
        return isASCII ? nil : String(validating: bytes.copy(ByteRange(0, bytes.count)), as: UTF8.self)
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
