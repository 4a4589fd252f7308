import Glibc

/// `-q`: a POSIX extended expression over a reply, case ignored, `^` and `$` at each line (as the original compiles it).
final class ReplySearch {
    private var compiled = regex_t()

    /// - Returns: `nil` for an expression that cannot be compiled.
    init?(_ expression: String) {
        guard regcomp(&self.compiled, expression, REG_EXTENDED | REG_ICASE | REG_NEWLINE | REG_NOSUB) == 0 else {
            return nil
        }
    }

    deinit { regfree(&self.compiled) }

    func matches(_ bytes: [UInt8]) -> Bool {
        // The C interface ends at a zero byte; none stands in a text that a script would look for.
        let text = bytes.map { $0 == 0 ? CChar(bitPattern: 0x20) : CChar(bitPattern: $0) } + [0]
        return text.withUnsafeBufferPointer { regexec(&self.compiled, $0.baseAddress, 0, nil, 0) == 0 }
    }
}
