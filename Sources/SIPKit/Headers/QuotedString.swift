/// Quotes and backslashes (RFC 3261 §25.1 `quoted-string`).
public enum QuotedString {
    /// The text inside, escapes undone; a range without quotes is taken as it is.
    public static func unescape(_ bytes: Span<UInt8>, _ range: ByteRange) -> [UInt8] {
        guard range.count >= 2, range.end <= bytes.count, bytes[range.start] == ASCII.quote,
            bytes[range.end - 1] == ASCII.quote
        else { return bytes.copy(range) }
        var text: [UInt8] = []
        text.reserveCapacity(range.count)
        var at = range.start + 1
        while at < range.end - 1 {
            if bytes[at] == ASCII.backslash, at + 1 < range.end - 1 { at += 1 }
            text.append(bytes[at])
            at += 1
        }
        return text
    }

    /// Writes the text between quotes; quotes, backslashes and control bytes are escaped or left out.
    public static func write(_ text: [UInt8], to output: inout ByteWriter) {
        output.write(byte: ASCII.quote)
        for byte in text {
            if byte == ASCII.quote || byte == ASCII.backslash { output.write(byte: ASCII.backslash) }
            // A line end inside a header would begin a new header.
            if byte != ASCII.cr, byte != ASCII.lf, byte != 0 { output.write(byte: byte) }
        }
        output.write(byte: ASCII.quote)
    }
}
