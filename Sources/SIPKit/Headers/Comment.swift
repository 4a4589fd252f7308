/// Comments in parentheses, which may hold comments (RFC 3261 §25.1): counted, not recursed into.
public enum Comment {
    /// The text inside the outer parentheses, escapes undone but those of parentheses within.
    public static func unescape(_ bytes: Span<UInt8>, _ range: ByteRange) -> [UInt8] {
        guard range.count >= 2, range.end <= bytes.count else { return [] }
        var text: [UInt8] = []
        var at = range.start + 1
        while at < range.end - 1 {
            if bytes[at] == ASCII.backslash, at + 1 < range.end - 1 { at += 1 }
            if bytes[at] != ASCII.cr, bytes[at] != ASCII.lf, bytes[at] != 0 { text.append(bytes[at]) }
            at += 1
        }
        return text
    }

    /// Writes the text between parentheses; parentheses and backslashes in it are escaped.
    public static func write(_ text: [UInt8], to output: inout ByteWriter) {
        output.write(byte: ASCII.openParen)
        for byte in text where byte != ASCII.cr && byte != ASCII.lf && byte != 0 {
            if byte == ASCII.openParen || byte == ASCII.closeParen || byte == ASCII.backslash {
                output.write(byte: ASCII.backslash)
            }
            output.write(byte: byte)
        }
        output.write(byte: ASCII.closeParen)
    }
}

extension ByteCursor {
    /// Takes a comment with its outer parentheses.
    ///
    /// - Returns: `nil` where none begins here or it has no end; the cursor has not moved then.
    @_lifetime(self: copy self)
    public mutating func takeComment() -> ByteRange? {
        guard self.peek == ASCII.openParen else { return nil }
        var depth = 0
        var at = self.offset
        while at < self.end {
            switch self.bytes[unchecked: at] {
            case ASCII.openParen: depth &+= 1
            case ASCII.closeParen:
                depth &-= 1
                if depth == 0 {
                    let range = ByteRange(self.offset, at &+ 1)
                    self.offset = at &+ 1
                    return range
                }
            case ASCII.backslash: at &+= 1
            default: break
            }
            at &+= 1
        }
        return nil
    }
}
