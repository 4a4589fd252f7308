import SIPKit

/// Strings, and how they go wrong: a quote that was lost or escaped swallows half a file, and the message must point to
/// where it began (LANGUAGE.md §12, §13.1).
extension Lexer {
    /// `"…"` with escapes, `'…'` without. Starts at the quote.
    mutating func string(_ diagnostics: inout Diagnostics) -> Token {
        let start = self.at
        let quote = self.source.bytes[start]
        let isRaw = quote == ASCII.apostrophe
        guard let close = self.closingQuote(from: start + 1, quote, isRaw: isRaw) else {
            return self.unclosed(start, isRaw: isRaw, &diagnostics)
        }
        if !isRaw, let repaired = self.repaired(start, close, &diagnostics) { return repaired }
        self.at = close + 1
        let range = self.range(start)
        let text = self.source.bytes[start + 1..<close]
        if self.hasLineEnd(text) {
            diagnostics.warning(
                .stringOverLines, at: self.range(start, start + 1), "the string goes over several lines",
                help: "it ends at \(self.place(close)); is a quote missing?")
        }
        return Token(kind: .string(isRaw ? Array(text) : Self.unescape(text)), range: range)
    }

    func closingQuote(from start: Int, _ quote: UInt8, isRaw: Bool) -> Int? {
        var place = start
        while place < self.end {
            let byte = self.source.bytes[place]
            if byte == quote { return place }
            place += byte == ASCII.backslash && !isRaw ? 2 : 1
        }
        return nil
    }

    /// A backslash before the line end joins the lines, that is meant.
    private func hasLineEnd(_ text: ArraySlice<UInt8>) -> Bool {
        text.indices.contains { text[$0] == ASCII.lf && !($0 > text.startIndex && text[$0 - 1] == ASCII.backslash) }
    }

    private func place(_ offset: Int) -> String {
        let position = self.source.position(of: offset)
        return "\(position.line):\(position.column)"
    }

    // MARK: Strings that end elsewhere than meant

    /// A string that closes, but where it cannot be meant to: the quote that should close it was escaped or printed as
    /// `?`. The string is taken to end there, so that the rest of the file is still read.
    private mutating func repaired(_ start: Int, _ close: Int, _ diagnostics: inout Diagnostics) -> Token? {
        let lineEnd = self.lineEnd(from: start)
        let runsOver = close > lineEnd
        let next = close + 1 < self.end ? self.source.bytes[close + 1] : ASCII.lf
        guard runsOver || ASCII.isAlphanumeric(next) else { return nil }
        let limit = min(close, lineEnd)
        if let mark = self.questionMark(start + 1, limit, closesAt: runsOver ? nil : close) {
            diagnostics.error(
                .unclosedString, at: self.range(start, start + 1), "the string is not closed on this line",
                help: "the `?` at \(self.place(mark)) may stand for a closing quote",
                fix: .replace(self.range(mark, mark + 1), "\""))
            return self.cut(start, at: mark, behind: mark + 1)
        }
        if let escaped = self.escapedQuote(start + 1, limit) {
            self.reportEscaped(start, escaped, &diagnostics)
            return self.cut(start, at: escaped, behind: escaped + 2, adding: Array("\\*".utf8))
        }
        return nil
    }

    private mutating func unclosed(_ start: Int, isRaw: Bool, _ diagnostics: inout Diagnostics) -> Token {
        let lineEnd = self.lineEnd(from: start)
        if !isRaw, let mark = self.questionMark(start + 1, lineEnd, closesAt: nil) {
            diagnostics.error(
                .unclosedString, at: self.range(start, start + 1), "the string is not closed",
                help: "the `?` at \(self.place(mark)) may stand for a closing quote",
                fix: .replace(self.range(mark, mark + 1), "\""))
            return self.cut(start, at: mark, behind: mark + 1)
        }
        if !isRaw, let escaped = self.escapedQuote(start + 1, lineEnd) {
            self.reportEscaped(start, escaped, &diagnostics)
            return self.cut(start, at: escaped, behind: escaped + 2, adding: Array("\\*".utf8))
        }
        diagnostics.error(
            .unclosedString, at: self.range(start, start + 1), "the string that begins here is never closed")
        // Everything that closes a call at the end of the line is taken to be behind the string.
        var stop = lineEnd
        while stop > start + 1,
            [ASCII.closeParen, ASCII.semicolon, UInt8(ascii: "{"), ASCII.space, ASCII.tab, ASCII.cr]
                .contains(self.source.bytes[stop - 1])
        {
            stop -= 1
        }
        return self.cut(start, at: stop, behind: stop)
    }

    private func reportEscaped(_ start: Int, _ escaped: Int, _ diagnostics: inout Diagnostics) {
        diagnostics.error(
            .unclosedString, at: self.range(start, start + 1), "the string does not end where it seems to",
            help: "the quote at \(self.place(escaped + 1)) is escaped by a backslash; "
                + "for a star in the expression write `\\*\"`",
            fix: .replace(self.range(escaped, escaped + 2), "\\*\""))
    }

    private mutating func cut(_ start: Int, at stop: Int, behind: Int, adding tail: [UInt8] = []) -> Token {
        self.at = behind
        let text = self.source.bytes[min(start + 1, stop)..<stop]
        return Token(kind: .string(Self.unescape(text) + tail), range: self.range(start))
    }

    private func lineEnd(from start: Int) -> Int {
        var place = start
        while place < self.end, self.source.bytes[place] != ASCII.lf { place += 1 }
        return place
    }

    /// A `?` where the closing quote should be: before `)`, `,` or `;`. Where the string closes on its line, only signs
    /// may stand between the two.
    private func questionMark(_ start: Int, _ limit: Int, closesAt close: Int?) -> Int? {
        var place = start
        while place < limit {
            defer { place += 1 }
            guard self.source.bytes[place] == ASCII.question else { continue }
            let rest = self.source.bytes[place + 1..<limit]
            guard let next = rest.first, [ASCII.closeParen, ASCII.comma, ASCII.semicolon].contains(next) else {
                continue
            }
            if close == nil
                || rest.allSatisfy({ [ASCII.closeParen, ASCII.comma, ASCII.space, ASCII.tab].contains($0) })
            {
                return place
            }
        }
        return nil
    }

    /// The backslash of a `\"` that is followed by `)` or `,`.
    private func escapedQuote(_ start: Int, _ limit: Int) -> Int? {
        var place = start
        while place + 1 < limit {
            guard self.source.bytes[place] == ASCII.backslash else {
                place += 1
                continue
            }
            var next = place + 2
            while next < limit, ASCII.isBlank(self.source.bytes[next]) { next += 1 }
            if self.source.bytes[place + 1] == ASCII.quote, next < limit,
                [ASCII.closeParen, ASCII.comma].contains(self.source.bytes[next])
            {
                return place
            }
            place += 2
        }
        return nil
    }

    // MARK: Escapes

    /// `\n \r \a \t \" \\ \xHH \ooo`; backslash and line end vanish; any other pair stays as it is, so that `\*` and
    /// `\1` reach the expression.
    static func unescape(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var at = text.startIndex
        while at < text.endIndex {
            guard text[at] == ASCII.backslash, at + 1 < text.endIndex else {
                output.append(text[at])
                at += 1
                continue
            }
            let next = text[at + 1]
            switch next {
            case UInt8(ascii: "n"): output.append(ASCII.lf)
            case UInt8(ascii: "r"): output.append(ASCII.cr)
            case UInt8(ascii: "a"): output.append(7)
            case UInt8(ascii: "t"): output.append(ASCII.tab)
            case ASCII.quote, ASCII.backslash: output.append(next)
            case ASCII.lf: break
            case UInt8(ascii: "x"):
                if at + 2 < text.endIndex, let high = ASCII.hexValue(text[at + 2]) {
                    var value = high
                    at += 1
                    if at + 2 < text.endIndex, let low = ASCII.hexValue(text[at + 2]) {
                        value = value << 4 | low
                        at += 1
                    }
                    output.append(value)
                } else {
                    output.append(contentsOf: [ASCII.backslash, next])
                }
            case ASCII.zero...UInt8(ascii: "7"):
                // One digit is a back reference; two or three are a byte.
                var digits = 1
                var value = Int(next - ASCII.zero)
                while digits < 3, at + 1 + digits < text.endIndex,
                    case let digit = text[at + 1 + digits], digit >= ASCII.zero, digit <= UInt8(ascii: "7"),
                    value * 8 + Int(digit - ASCII.zero) <= 255
                {
                    value = value * 8 + Int(digit - ASCII.zero)
                    digits += 1
                }
                if digits > 1 {
                    output.append(UInt8(truncatingIfNeeded: value))
                    at += digits - 1
                } else {
                    output.append(contentsOf: [ASCII.backslash, next])
                }
            default: output.append(contentsOf: [ASCII.backslash, next])
            }
            at += 2
        }
        return output
    }
}
