import SIPKit

/// Turns a POSIX regular expression with GNU's extras into the same expression of PCRE2.
///
/// What differs and would silently mean something else: `(?` and `(*` open nothing special, `*?` and `*+` are two
/// repetitions, a backslash inside brackets is a backslash, `\<` and `\>` are word borders, `` \` `` and `\'` the ends of
/// the text, `\d` is the letter d, an unmatched `)` is itself. Errors are those of glibc's `regcomp`.
struct POSIXPattern {
    enum Syntax { case extended, basic }

    static func translate(
        _ text: [UInt8], _ syntax: Syntax, _ options: PatternMatcher.Options
    ) throws(PatternError) -> [UInt8] {
        var pattern = POSIXPattern(text, syntax, options)
        try pattern.translate()
        return pattern.output
    }

    private let input: [UInt8]
    private let syntax: Syntax
    private let options: PatternMatcher.Options
    private var at = 0
    private var output: [UInt8] = []
    /// Where in the output each open group began.
    private var groups: [(input: Int, output: Int)] = []
    private var closedGroups = 0
    /// Where the element began that a repetition would repeat; `nil` where there is none.
    private var element: Int?
    /// The element has been repeated already.
    private var isRepeated = false

    private init(_ input: [UInt8], _ syntax: Syntax, _ options: PatternMatcher.Options) {
        self.input = input
        self.syntax = syntax
        self.options = options
        self.output.reserveCapacity(input.count + 16)
    }

    private mutating func translate() throws(PatternError) {
        while self.at < self.input.count {
            let byte = self.input[self.at]
            switch byte {
            case ASCII.backslash: try self.escape()
            case ASCII.openBracket: try self.bracket()
            case ASCII.openParen where self.syntax == .extended: self.open(length: 1)
            case ASCII.closeParen where self.syntax == .extended: self.close(length: 1)
            case UInt8(ascii: "|") where self.syntax == .extended: self.alternative(length: 1)
            case ASCII.star: try self.repetition([byte], length: 1)
            case ASCII.plus where self.syntax == .extended, ASCII.question where self.syntax == .extended:
                try self.repetition([byte], length: 1)
            case UInt8(ascii: "{") where self.syntax == .extended: try self.interval(open: 1)
            case UInt8(ascii: "^") where self.isAnchor(start: true),
                UInt8(ascii: "$") where self.isAnchor(start: false):
                self.output.append(byte)
                self.element = nil
                self.at += 1
            case ASCII.dot:
                self.begin()
                self.output.append(byte)
                self.at += 1
            default:
                self.literal(byte)
                self.at += 1
            }
        }
        if let open = self.groups.last { throw PatternError("`(` is not closed", at: open.input) }
    }

    /// In a basic expression `^` and `$` are themselves except at the borders.
    private func isAnchor(start: Bool) -> Bool {
        if self.syntax == .extended { return true }
        return start ? self.at == 0 : self.at == self.input.count - 1
    }

    private mutating func begin() {
        self.element = self.output.count
        self.isRepeated = false
    }

    /// A byte that stands for itself.
    private mutating func literal(_ byte: UInt8) {
        self.begin()
        if ASCII.isAlphanumeric(byte) || byte >= 0x80 || byte == ASCII.space {
            self.output.append(byte)
        } else if byte < 0x20 || byte == 0x7F {
            self.output.append(contentsOf: Array("\\x".utf8))
            self.output.append(ASCII.hexDigit(byte >> 4))
            self.output.append(ASCII.hexDigit(byte))
        } else {
            self.output.append(ASCII.backslash)
            self.output.append(byte)
        }
    }

    private mutating func escape() throws(PatternError) {
        guard self.at + 1 < self.input.count else { throw PatternError("ends in a backslash", at: self.at) }
        let next = self.input[self.at + 1]
        switch (next, self.syntax) {
        case (ASCII.openParen, .basic): return self.open(length: 2)
        case (ASCII.closeParen, .basic): return self.close(length: 2)
        case (UInt8(ascii: "|"), .basic): return self.alternative(length: 2)
        case (UInt8(ascii: "{"), .basic): return try self.interval(open: 2)
        case (ASCII.plus, .basic), (ASCII.question, .basic): return try self.repetition([next], length: 2)
        default: break
        }
        self.at += 2
        switch next {
        case ASCII.less: self.assertion(#"\b(?=\w)"#)
        case ASCII.greater: self.assertion(#"\b(?<=\w)"#)
        case UInt8(ascii: "b"), UInt8(ascii: "B"): self.assertion(next == UInt8(ascii: "b") ? #"\b"# : #"\B"#)
        case UInt8(ascii: "`"): self.assertion(#"\A"#)
        case ASCII.apostrophe: self.assertion(#"\z"#)
        case UInt8(ascii: "w"), UInt8(ascii: "W"), UInt8(ascii: "s"), UInt8(ascii: "S"):
            self.begin()
            self.output.append(contentsOf: [ASCII.backslash, next])
        case UInt8(ascii: "1")...ASCII.nine:
            guard Int(next - ASCII.zero) <= self.closedGroups else {
                throw PatternError("there is no group \(next - ASCII.zero) before this", at: self.at - 2)
            }
            self.begin()
            self.output.append(contentsOf: Array("\\g{".utf8) + [next, UInt8(ascii: "}")])
        default: self.literal(next)
        }
    }

    /// A place in the text. glibc lets it be repeated, which means it may be left out.
    private mutating func assertion(_ text: StaticString) {
        self.begin()
        self.output.append(contentsOf: Array("(?:".utf8))
        text.withUTF8Buffer { self.output.append(contentsOf: $0) }
        self.output.append(ASCII.closeParen)
    }

    private mutating func open(length: Int) {
        self.groups.append((self.at, self.output.count))
        self.output.append(ASCII.openParen)
        self.at += length
        self.element = nil
    }

    private mutating func close(length: Int) {
        guard let group = self.groups.popLast() else {
            // glibc: an unmatched `)` is ordinary.
            self.literal(ASCII.closeParen)
            self.at += length
            return
        }
        self.closedGroups += 1
        self.output.append(ASCII.closeParen)
        self.at += length
        self.element = group.output
        self.isRepeated = false
    }

    private mutating func alternative(length: Int) {
        self.output.append(UInt8(ascii: "|"))
        self.at += length
        self.element = nil
    }

    /// `*`, `+`, `?` or an interval. A second one repeats the first as a whole: `a*?` is `(?:a*)?`.
    private mutating func repetition(_ written: [UInt8], length: Int) throws(PatternError) {
        guard let element = self.element else {
            if self.syntax == .basic, written == [ASCII.star] {
                self.literal(ASCII.star)
                self.at += length
                return
            }
            throw PatternError("`\(String(decoding: written, as: UTF8.self))` has nothing to repeat", at: self.at)
        }
        if self.isRepeated {
            self.output.insert(contentsOf: Array("(?:".utf8), at: element)
            self.output.append(ASCII.closeParen)
        }
        self.output.append(contentsOf: written)
        self.isRepeated = true
        self.at += length
    }

    /// `{3}`, `{3,}`, `{,3}`, `{3,5}`; at most 255, as everywhere.
    private mutating func interval(open: Int) throws(PatternError) {
        let start = self.at
        guard self.element != nil else { throw PatternError("`{` has nothing to repeat", at: start) }
        var scan = start + open
        let least = self.number(&scan)
        var most = least
        if scan < self.input.count, self.input[scan] == ASCII.comma {
            scan += 1
            most = self.number(&scan)
            guard least != nil || most != nil else { throw PatternError("`{,}` has no number", at: start) }
            try self.append(interval: least ?? 0, most, from: start, to: scan)
        } else {
            guard let least else { throw PatternError("`{` without a number", at: start) }
            try self.append(interval: least, least, from: start, to: scan)
        }
    }

    private mutating func append(
        interval least: Int, _ most: Int?, from start: Int, to end: Int
    ) throws(PatternError) {
        var end = end
        if self.syntax == .basic, end < self.input.count, self.input[end] == ASCII.backslash { end += 1 }
        guard end < self.input.count, self.input[end] == UInt8(ascii: "}") else {
            throw PatternError("`{` is not closed", at: start)
        }
        guard least <= 255, (most ?? 0) <= 255, least <= most ?? 255 else {
            throw PatternError("the numbers of `{` are wrong", at: start)
        }
        let text = most == least ? "{\(least)}" : "{\(least),\(most.map(String.init) ?? "")}"
        try self.repetition(Array(text.utf8), length: end + 1 - start)
    }

    private func number(_ at: inout Int) -> Int? {
        var value: Int?
        while at < self.input.count, ASCII.isDigit(self.input[at]), (value ?? 0) < 100_000 {
            value = (value ?? 0) * 10 + Int(self.input[at] - ASCII.zero)
            at += 1
        }
        return value
    }

    /// A bracket expression: `]` first is itself, so is a backslash; classes stay as they are.
    private mutating func bracket() throws(PatternError) {
        let start = self.at
        self.begin()
        self.output.append(ASCII.openBracket)
        self.at += 1
        var isNegated = false
        if self.at < self.input.count, self.input[self.at] == UInt8(ascii: "^") {
            isNegated = true
            self.output.append(UInt8(ascii: "^"))
            self.at += 1
        }
        if isNegated, self.options.contains(.lines) { self.output.append(contentsOf: Array("\\n".utf8)) }
        var isFirst = true
        while true {
            guard self.at < self.input.count else { throw PatternError("`[` is not closed", at: start) }
            let byte = self.input[self.at]
            if byte == ASCII.closeBracket, !isFirst { break }
            isFirst = false
            if byte == ASCII.openBracket, self.at + 1 < self.input.count,
                [ASCII.colon, ASCII.dot, ASCII.equals].contains(self.input[self.at + 1])
            {
                try self.bracketClass(start)
                continue
            }
            if byte == ASCII.backslash || byte == ASCII.openBracket || byte == ASCII.closeBracket
                || byte == UInt8(ascii: "^")
            {
                self.output.append(ASCII.backslash)
            }
            self.output.append(byte)
            self.at += 1
        }
        self.output.append(ASCII.closeBracket)
        self.at += 1
    }

    /// `[:alpha:]`, `[.x.]`, `[=x=]` inside brackets.
    private mutating func bracketClass(_ bracket: Int) throws(PatternError) {
        let kind = self.input[self.at + 1]
        let start = self.at + 2
        var end = start
        while end + 1 < self.input.count, !(self.input[end] == kind && self.input[end + 1] == ASCII.closeBracket) {
            end += 1
        }
        guard end + 1 < self.input.count else { throw PatternError("`[` is not closed", at: bracket) }
        let name = self.input[start..<end]
        if kind == ASCII.colon {
            let known = [
                "alpha", "digit", "alnum", "upper", "lower", "space", "blank", "punct", "print", "graph", "cntrl",
                "xdigit",
            ]
            guard known.contains(String(decoding: name, as: UTF8.self)) else {
                throw PatternError("there is no class [:\(String(decoding: name, as: UTF8.self)):]", at: self.at)
            }
            self.output.append(contentsOf: self.input[self.at..<end + 2])
        } else {
            guard name.count == 1, let byte = name.first else {
                throw PatternError("only single characters are known here", at: self.at)
            }
            self.output.append(contentsOf: [ASCII.backslash, byte])
        }
        self.at = end + 2
    }
}
