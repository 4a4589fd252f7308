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
        let isText = !asciiOnly && Self.isHarmlessUTF8(bytes)
        for index in bytes.indices {
            let byte = bytes[index]
            if byte == ASCII.quote || byte == ASCII.backslash {
                output.write(byte: ASCII.backslash)
                output.write(byte: byte)
            } else if byte >= 0x20, byte < 0x7F || isText && byte >= 0x80 {
                output.write(byte: byte)
            } else {
                output.write("\\u00")
                output.write(byte: ASCII.hexDigit(byte >> 4))
                output.write(byte: ASCII.hexDigit(byte))
            }
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

    /// Valid UTF-8 without C1 controls (which some terminals obey).
    private static func isHarmlessUTF8(_ bytes: Span<UInt8>) -> Bool {
        var isASCII = true
        for index in bytes.indices where bytes[index] >= 0x80 {
            isASCII = false
            break
        }
        if isASCII { return true }
        let copy = bytes.copy(ByteRange(0, bytes.count))
        guard let text = String(validating: copy, as: UTF8.self) else { return false }
        return !text.unicodeScalars.contains { (0x80...0x9F).contains($0.value) }
    }
}
