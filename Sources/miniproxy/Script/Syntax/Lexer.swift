import SIPKit

/// Cuts the text of one file into tokens, one at a time (LANGUAGE.md §1).
///
/// What cannot be part of a script is skipped with a warning that names it, as SER skipped it silently: so the listings
/// of printed books can be read with their callout marks.
struct Lexer {
    let source: SourceText
    let file: Int
    var at: Int
    /// Where to stop; a lexer of a definition's text reads a part of its file.
    let end: Int
    /// The last token was `=~`, so only a string can come.
    private var followsMatch = false
    /// The last token was `case`, so a `/` begins an expression.
    private var followsCase = false

    init(_ source: SourceText, file: Int, in range: Range<Int>? = nil) {
        self.source = source
        self.file = file
        self.at = range?.lowerBound ?? 0
        self.end = min(range?.upperBound ?? source.bytes.count, source.bytes.count)
    }

    /// What comes next: a token, or a line that is for the preprocessor.
    enum Item {
        case token(Token)
        /// `#!word rest` or `!!word rest`.
        case directive(word: String, rest: Range<Int>, range: SourceRange)
    }

    func byte(_ offset: Int = 0) -> UInt8? {
        let place = self.at + offset
        return place < self.end ? self.source.bytes[place] : nil
    }

    func range(_ start: Int) -> SourceRange { SourceRange(file: self.file, start, self.at) }
    func range(_ start: Int, _ end: Int) -> SourceRange { SourceRange(file: self.file, start, end) }

    mutating func next(_ diagnostics: inout Diagnostics) -> Item {
        while let byte = self.byte() {
            let start = self.at
            switch byte {
            case ASCII.space, ASCII.tab, ASCII.cr, ASCII.lf, 0x0B, 0x0C:
                self.at += 1
            case UInt8(ascii: "#"),
                UInt8(ascii: "!") where self.byte(1) == UInt8(ascii: "!") && self.isAtLineStart:
                if let directive = self.directive() { return directive }
                self.skipLine()
            case ASCII.slash where self.followsCase:
                self.followsCase = false
                if let pattern = self.pattern() { return .token(pattern) }
                return .token(Token(kind: .sign(.divide), range: self.slash()))
            case ASCII.slash where self.byte(1) == ASCII.slash:
                self.skipLine()
            case ASCII.slash where self.byte(1) == ASCII.star:
                self.skipComment(&diagnostics)
            case ASCII.quote, ASCII.apostrophe:
                self.followsMatch = false
                return .token(self.string(&diagnostics))
            case _ where ASCII.isLetter(byte) || byte == UInt8(ascii: "_"):
                let word = self.identifier()
                self.followsCase = word.isWord("case")
                return .token(word)
            case _ where ASCII.isDigit(byte):
                return .token(self.number(&diagnostics))
            case UInt8(ascii: "$"), ASCII.at:
                if let variable = self.variable() { return .token(variable) }
                self.stray(&diagnostics)
            default:
                if self.followsMatch, let string = self.stringWithoutQuote(&diagnostics) { return .token(string) }
                if let sign = self.sign() {
                    self.followsMatch = sign == .matches
                    return .token(Token(kind: .sign(sign), range: self.range(start)))
                }
                self.stray(&diagnostics)
            }
        }
        return .token(Token(kind: .end, range: self.range(self.at)))
    }

    // MARK: Words

    private mutating func identifier() -> Token {
        let start = self.at
        while let byte = self.byte(), ASCII.isAlphanumeric(byte) || byte == UInt8(ascii: "_") { self.at += 1 }
        var word = String(decoding: self.source.bytes[start..<self.at], as: UTF8.self)
        // One token in SER's lexer, so no blanks inside.
        for (first, second) in [("msg", "len"), ("uri", "host"), ("uri", "port")] where word == first {
            guard self.byte() == ASCII.colon, self.starts(with: second, at: self.at + 1) else { continue }
            self.at += 1 + second.utf8.count
            word += ":" + second
            break
        }
        return Token(kind: .identifier(word), range: self.range(start))
    }

    private func starts(with word: String, at place: Int) -> Bool {
        let bytes = Array(word.utf8)
        guard place + bytes.count <= self.end, self.source.bytes[place..<place + bytes.count].elementsEqual(bytes)
        else { return false }
        guard place + bytes.count < self.end else { return true }
        let next = self.source.bytes[place + bytes.count]
        return !ASCII.isAlphanumeric(next) && next != UInt8(ascii: "_")
    }

    private mutating func number(_ diagnostics: inout Diagnostics) -> Token {
        let start = self.at
        var radix = 10
        if self.byte() == ASCII.zero, let mark = self.byte(1), mark | 0x20 == UInt8(ascii: "x"),
            let digit = self.byte(2), ASCII.hexValue(digit) != nil
        {
            radix = 16
            self.at += 2
        }
        let digits = self.at
        while let byte = self.byte(), radix == 16 ? ASCII.hexValue(byte) != nil : ASCII.isDigit(byte) { self.at += 1 }
        let text = self.source.bytes[digits..<self.at]
        if radix == 10, text.count > 1, text.first == ASCII.zero, !text.contains(where: { $0 > UInt8(ascii: "7") }) {
            radix = 8
        }
        var value = 0
        for byte in text {
            value = value * radix + Int(ASCII.hexValue(byte) ?? 0)
            guard value <= Int(UInt32.max) else {
                while let byte = self.byte(), ASCII.isAlphanumeric(byte) { self.at += 1 }
                diagnostics.error(.badNumber, at: self.range(start), "the number is larger than \(UInt32.max)")
                return Token(kind: .number(0), range: self.range(start))
            }
        }
        return Token(kind: .number(value), range: self.range(start))
    }

    /// `$name`, `$name(…)`, `$(…)`, `@name.name[…]`.
    private mutating func variable() -> Token? {
        let start = self.at
        let isSelect = self.byte() == ASCII.at
        self.at += 1
        while let byte = self.byte(),
            ASCII.isAlphanumeric(byte) || byte == UInt8(ascii: "_") || (isSelect && byte == ASCII.dot)
        {
            self.at += 1
        }
        if !isSelect, self.at == start + 1, self.byte() == ASCII.question { self.at += 1 }
        let hasName = self.at > start + 1
        if self.byte() == (isSelect ? ASCII.openBracket : ASCII.openParen) {
            self.skipBalanced()
        } else if !hasName {
            self.at = start
            return nil
        }
        let text = String(decoding: self.source.bytes[start..<self.at], as: UTF8.self)
        return Token(kind: .variable(text), range: self.range(start))
    }

    /// From an opening bracket behind its partner, on one line.
    private mutating func skipBalanced() {
        var depth = 0
        while let byte = self.byte(), byte != ASCII.lf {
            self.at += 1
            if byte == ASCII.openParen || byte == ASCII.openBracket { depth += 1 }
            if byte == ASCII.closeParen || byte == ASCII.closeBracket {
                depth -= 1
                if depth == 0 { return }
            }
        }
    }

    private mutating func sign() -> Token.Sign? {
        if let first = self.byte(), let second = self.byte(1) {
            let pair = String(decoding: [first, second], as: UTF8.self)
            if let sign = Token.Sign(rawValue: pair) {
                self.at += 2
                return sign
            }
        }
        guard let byte = self.byte(), let sign = Token.Sign(rawValue: String(decoding: [byte], as: UTF8.self)) else {
            return nil
        }
        self.at += 1
        return sign
    }

    /// `uri=~[@:.]host"`: what stands before the lost quote belongs to the string.
    private mutating func stringWithoutQuote(_ diagnostics: inout Diagnostics) -> Token? {
        self.followsMatch = false
        let start = self.at
        guard let byte = self.byte(),
            [ASCII.openBracket, ASCII.dot, ASCII.star, ASCII.colon, UInt8(ascii: "^"), ASCII.backslash].contains(byte)
        else { return nil }
        var place = start
        while place < self.end, self.source.bytes[place] != ASCII.lf, self.source.bytes[place] != ASCII.quote {
            place += 1
        }
        guard place < self.end, self.source.bytes[place] == ASCII.quote else { return nil }
        self.at = place + 1
        diagnostics.error(
            .missingOpeningQuote, at: self.range(start, start + 1),
            "a string expected behind `=~`; missing opening quote?",
            fix: .insert("\"", at: self.range(start)))
        return Token(kind: .string(Self.unescape(self.source.bytes[start..<place])), range: self.range(start))
    }

    /// `/expression/` on one line, where an escaped `/` is one of its characters; or, as Kamailio has it, `/"expression"`.
    private mutating func pattern() -> Token? {
        let start = self.at
        if self.byte(1) == ASCII.quote {
            guard let close = self.closingQuote(from: start + 2, ASCII.quote, isRaw: false) else { return nil }
            self.at = close + 1
            if self.byte() == ASCII.slash { self.at += 1 }
            return Token(
                kind: .pattern(Self.unescape(self.source.bytes[(start + 2)..<close])), range: self.range(start))
        }
        var text: [UInt8] = []
        var place = start + 1
        while place < self.end, self.source.bytes[place] != ASCII.lf {
            if self.source.bytes[place] == ASCII.slash {
                self.at = place + 1
                return Token(kind: .pattern(text), range: self.range(start))
            }
            if self.source.bytes[place] == ASCII.backslash, place + 1 < self.end,
                self.source.bytes[place + 1] == ASCII.slash
            {
                place += 1
            }
            text.append(self.source.bytes[place])
            place += 1
        }
        return nil
    }

    private mutating func slash() -> SourceRange {
        self.at += 1
        return self.range(self.at - 1)
    }

    // MARK: What is skipped

    var isAtLineStart: Bool { self.at == 0 || self.source.bytes[self.at - 1] == ASCII.lf }

    mutating func skipLine() {
        while let byte = self.byte(), byte != ASCII.lf { self.at += 1 }
    }

    /// `/* … */`; SER counts nesting.
    private mutating func skipComment(_ diagnostics: inout Diagnostics) {
        let start = self.at
        var depth = 0
        while let byte = self.byte() {
            if byte == ASCII.slash, self.byte(1) == ASCII.star {
                depth += 1
                self.at += 2
            } else if byte == ASCII.star, self.byte(1) == ASCII.slash {
                depth -= 1
                self.at += 2
                if depth == 0 { return }
            } else {
                self.at += 1
            }
        }
        diagnostics.error(.unclosedComment, at: self.range(start, start + 2), "the comment is not closed with `*/`")
    }

    /// A line that starts with `#!` or `!!` and a known word.
    private mutating func directive() -> Item? {
        let start = self.at
        guard self.isAtLineStart, self.byte(1) == UInt8(ascii: "!") else { return nil }
        var place = self.at + 2
        let wordStart = place
        while place < self.end,
            ASCII.isAlphanumeric(self.source.bytes[place]) || self.source.bytes[place] == UInt8(ascii: "_")
        {
            place += 1
        }
        let word = String(decoding: self.source.bytes[wordStart..<place], as: UTF8.self)
        guard Preprocessor.words.contains(word) || Preprocessor.dialects[word] != nil else { return nil }
        while place < self.end, ASCII.isBlank(self.source.bytes[place]) { place += 1 }
        let rest = place
        self.at = place
        // A backslash before the line end carries the definition on.
        while let byte = self.byte(),
            byte != ASCII.lf || (self.at > rest && self.source.bytes[self.at - 1] == ASCII.backslash)
        {
            self.at += 1
        }
        return .directive(word: word, rest: rest..<self.at, range: self.range(start, place))
    }

    /// A byte or character that no script has: skipped, and said.
    private mutating func stray(_ diagnostics: inout Diagnostics) {
        let start = self.at
        if self.byte() == UInt8(ascii: "`"), let fence = self.fence() {
            diagnostics.warning(
                .codeFence, at: fence, "a line of backticks is skipped; it marks code in a text and is none",
                fix: .delete(fence))
            return
        }
        var decoder = UTF8()
        var rest = self.source.bytes[self.at..<self.end].makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&rest) else {
            self.at += 1
            diagnostics.warning(
                .strayCharacter, at: self.range(start),
                "a byte that is not text (0x\(Self.hex(self.source.bytes[start]))) is skipped",
                fix: .delete(self.range(start)))
            return
        }
        self.at += UTF8.width(scalar)
        let number =
            "U+" + String(repeating: "0", count: max(0, 4 - String(scalar.value, radix: 16).count))
            + String(scalar.value, radix: 16, uppercase: true)
        let range = self.range(start)
        switch scalar.value {
        case 0x2460...0x24FF, 0x2776...0x2793:
            diagnostics.warning(
                .calloutMark, at: range, "the callout mark `\(scalar)` (\(number)) is skipped", fix: .delete(range))
        case 0x2018...0x201F, 0x2032, 0x2033, 0xAB, 0xBB:
            diagnostics.warning(
                .strayCharacter, at: range, "the typographic quote `\(scalar)` (\(number)) is skipped",
                help: "strings stand between plain quotes, \"…\"", fix: .delete(range))
        case 0xFEFF, 0xA0, 0x200B...0x200F, 0x2028, 0x2029:
            diagnostics.warning(
                .strayCharacter, at: range, "an invisible character (\(number)) is skipped", fix: .delete(range))
        default:
            let shown = Printable.text(Array(String(Character(scalar)).utf8))
            diagnostics.warning(
                .strayCharacter, at: range, "the character `\(shown)` (\(number)) is skipped", fix: .delete(range))
        }
    }

    private static func hex(_ byte: UInt8) -> String {
        String(decoding: [ASCII.hexDigit(byte >> 4), ASCII.hexDigit(byte)], as: UTF8.self)
    }

    /// A line that holds nothing but backticks.
    private mutating func fence() -> SourceRange? {
        var start = self.at
        while start > 0, ASCII.isBlank(self.source.bytes[start - 1]) { start -= 1 }
        guard start == 0 || self.source.bytes[start - 1] == ASCII.lf else { return nil }
        var place = self.at
        while place < self.end, self.source.bytes[place] == UInt8(ascii: "`") { place += 1 }
        let marksEnd = place
        while place < self.end, ASCII.isBlank(self.source.bytes[place]) || self.source.bytes[place] == ASCII.cr {
            place += 1
        }
        guard place == self.end || self.source.bytes[place] == ASCII.lf else { return nil }
        let range = self.range(self.at, marksEnd)
        self.at = place
        return range
    }
}
