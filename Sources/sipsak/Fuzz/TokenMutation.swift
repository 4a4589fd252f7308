import SIPKit

/// Replaces one word of a message: numbers by numbers that overflow, words by what they must not be.
enum TokenMutation {
    private static let separators: Set<UInt8> = Set(" \t\r\n:;,=@<>\"/?".utf8)

    static let replacements: [[UInt8]] = [
        [], Array("-1".utf8), Array("0".utf8), Array("4294967296".utf8), Array("99999999999999999999999".utf8),
        Array("2147483648".utf8), Array("%00".utf8), Array("%n%s%n%s".utf8), Array("\"".utf8), Array("<".utf8),
        Array(">".utf8), [0], [0xFF, 0xFE], [0xC0, 0x80], Array("[::1".utf8), Array("*".utf8), Array("\\".utf8),
        Array("\r\n".utf8), Array("sip:sip:sip:".utf8), Array(repeating: 0x41, count: 300),
        Array(repeating: 0x41, count: 9000), Array(repeating: 0x25, count: 500), Array(";;;;".utf8),
        Array(",,,,".utf8), Array("1.5e9".utf8), Array("+5".utf8), Array("0x10".utf8), Array("\u{202E}".utf8),
    ]

    static func apply(to message: [UInt8], _ ids: inout Identifiers) -> Mutator.Damage {
        var words: [Range<Int>] = []
        var start: Int?
        for (at, byte) in message.enumerated() {
            if Self.separators.contains(byte) {
                if let begun = start { words.append(begun..<at) }
                start = nil
            } else if start == nil {
                start = at
            }
        }
        guard !words.isEmpty else { return .init(bytes: message, what: "nothing", place: nil) }
        let word = words[ids.below(words.count)]
        let number = ids.below(Self.replacements.count)
        var bytes = message
        let old = Printable.text(message[word].prefix(40))
        bytes.replaceSubrange(word, with: Self.replacements[number])
        let new = Self.replacements[number]
        let shown = new.count > 40 ? "\(new.count) bytes" : "'\(Printable.text(new))'"
        return .init(bytes: bytes, what: "'\(old)' became \(shown)", place: nil)
    }
}
