/// Reads tokens as a script: one grammar for all dialects (LANGUAGE.md §2, §5 to §7, §15).
///
/// It goes on after an error at the next `;` or `}`, so that one run tells of several. It knows no function by name.
struct Parser {
    var tokens: [Token]
    var at = 0
    var diagnostics: Diagnostics
    let sources: SourceMap
    /// Blocks, parentheses and `!` inside one another; more are refused, since each costs a frame of our own stack.
    var depth = 0
    static let deepest = 100
    var nextCall = 0
    /// Braces that are open, the outermost first.
    var openBraces: [SourceRange] = []
    /// What closed the last block of the top level, for the message about what stands behind it.
    var lastBlock: SyntaxBlock?
    var usesModernWords = false

    init(_ tokens: [Token], sources: SourceMap, diagnostics: Diagnostics) {
        self.tokens = tokens
        self.sources = sources
        self.diagnostics = diagnostics
        if tokens.last?.kind != .end {
            self.tokens.append(Token(kind: .end, range: SourceRange(file: 0, 0, 0)))
        }
    }

    // MARK: Tokens

    var token: Token { self.tokens[self.at] }
    var isAtEnd: Bool { self.token.kind == .end }

    func peek(_ offset: Int = 1) -> Token { self.tokens[min(self.at + offset, self.tokens.count - 1)] }

    /// The place right behind the last token that was read.
    var afterLast: SourceRange { self.at > 0 ? self.tokens[self.at - 1].range.after : self.token.range.before }

    @discardableResult
    mutating func advance() -> Token {
        let token = self.token
        if self.at < self.tokens.count - 1 { self.at += 1 }
        return token
    }

    mutating func take(_ sign: Token.Sign) -> SourceRange? {
        self.token.isSign(sign) ? self.advance().range : nil
    }

    mutating func take(word: String) -> SourceRange? {
        self.token.isWord(word) ? self.advance().range : nil
    }

    /// Takes the sign, or says that it is missing and where.
    @discardableResult
    mutating func expect(_ sign: Token.Sign, _ place: String) -> Bool {
        if self.take(sign) != nil { return true }
        self.diagnostics.error(
            .unexpected, at: self.token.range,
            "`\(sign.rawValue)` expected \(place), found \(self.token.description)")
        return false
    }

    /// Adjacent strings are one.
    mutating func takeString() -> SyntaxText? {
        guard case .string(var bytes) = self.token.kind else { return nil }
        var range = self.advance().range
        while case .string(let more) = self.token.kind {
            bytes += more
            range = range.through(self.advance().range)
        }
        return SyntaxText(bytes: bytes, range: range)
    }

    /// A host, an address, a network, `udp:host:port`: tokens without blanks between them.
    mutating func takeWord() -> SyntaxArgument? {
        func isPart(_ token: Token) -> Bool {
            switch token.kind {
            case .identifier, .number: true
            case .sign(let sign):
                [.dot, .colon, .minus, .times, .openBracket, .closeBracket, .divide].contains(sign)
            default: false
            }
        }
        guard isPart(self.token) else { return nil }
        let first = self.advance()
        var range = first.range
        var count = 1
        while isPart(self.token), self.token.range.file == range.file, self.token.range.lower == range.upper {
            range = range.through(self.advance().range)
            count += 1
        }
        if count == 1, case .number(let number) = first.kind {
            return SyntaxArgument(value: .number(number), range: range)
        }
        if count == 1, case .identifier(let word) = first.kind {
            return SyntaxArgument(value: .word(word), range: range)
        }
        return SyntaxArgument(value: .word(self.sources.text(range)), range: range)
    }

    // MARK: Recovery

    /// Goes behind the next `;`, or to the next `}` or `{` of this level.
    mutating func recover() {
        while !self.isAtEnd {
            if self.take(.semicolon) != nil { return }
            if self.token.isSign(.closeBrace) || self.token.isSign(.openBrace) || self.startsBlock { return }
            self.advance()
        }
    }

    /// A number that was printed into the listing as a callout, where none can stand.
    mutating func skipCallouts() {
        while case .number(let number) = self.token.kind {
            let range = self.advance().range
            self.diagnostics.warning(
                .calloutNumber, at: range,
                "the number \(number) is skipped; it looks like a callout of a printed listing",
                fix: .delete(range))
        }
    }

    mutating func nested<Result>(_ range: SourceRange, _ body: (inout Parser) -> Result) -> Result? {
        guard self.depth < Self.deepest else {
            self.diagnostics.error(.tooDeep, at: range, "nested more than \(Self.deepest) levels deep")
            return nil
        }
        self.depth += 1
        defer { self.depth -= 1 }
        return body(&self)
    }

    /// Parsed, with the dialect that the words of the file show.
    static func parse(_ preprocessed: Preprocessor) -> (script: SyntaxScript, diagnostics: Diagnostics) {
        var parser = Parser(
            preprocessed.tokens, sources: preprocessed.sources, diagnostics: preprocessed.diagnostics)
        var script = parser.script()
        script.dialect = preprocessed.dialect ?? (parser.usesModernWords ? .modern : .ser)
        return (script, parser.diagnostics)
    }
}
