/// Statements (LANGUAGE.md §6).
extension Parser {
    /// The statements up to the `}` that belongs to `open`, which has been read.
    mutating func statements(
        in open: SourceRange, owner: String
    ) -> (statements: [SyntaxStatement], close: SourceRange) {
        var statements: [SyntaxStatement] = []
        while true {
            self.skipCallouts()
            if let close = self.take(.closeBrace) { return (statements, close) }
            if self.take(.semicolon) != nil { continue }
            if self.isAtEnd || self.startsBlock {
                let place = self.sources.place(open)
                self.diagnostics.error(
                    .unclosedBlock, at: self.isAtEnd ? self.afterLast : self.token.range,
                    self.isAtEnd
                        ? "unexpected end of file; the block opened at \(place) is not closed"
                        : "`}` expected before \(self.token.description); the block opened at \(place) is not closed")
                return (statements, SourceRange(file: Int(open.file), self.token.range.start, self.token.range.start))
            }
            let before = self.at
            if let statement = self.nested(self.token.range, { $0.statement() }) ?? nil { statements.append(statement) }
            if self.at == before { self.advance() }
        }
    }

    /// One statement; `nil` where it could not be read, with the error told and the place behind it.
    mutating func statement() -> SyntaxStatement? {
        if let ellipsis = self.ellipsis() {
            self.diagnostics.error(
                .ellipsis, at: ellipsis, "`...` is not a statement; the listing leaves something out here")
            return nil
        }
        switch self.token.kind {
        case .sign(.openBrace):
            let open = self.advance().range
            let body = self.statements(in: open, owner: "block")
            return .block(body.statements, open.through(body.close))
        case .variable:
            return self.assignment()
        case .identifier("if"):
            return self.condition()
        case .identifier("while"):
            return self.loop()
        case .identifier("switch"):
            return self.choice()
        case .identifier("else"):
            let range = self.advance().range
            self.diagnostics.error(.elseWithoutIf, at: range, "`else` without an `if` before it")
            return nil
        case .identifier:
            let command = self.command()
            if command != nil { self.semicolon() }
            return command
        default:
            self.diagnostics.error(
                .unexpected, at: self.token.range, "a statement expected, found \(self.token.description)")
            self.advance()
            self.recover()
            return nil
        }
    }

    /// Three or more dots.
    mutating func ellipsis() -> SourceRange? {
        guard self.token.isSign(.dot), self.peek().isSign(.dot), self.peek(2).isSign(.dot) else { return nil }
        var range = self.advance().range
        while self.token.isSign(.dot) { range = range.through(self.advance().range) }
        return range
    }

    /// The `;` behind a command. Where it is missing, the place is the end of the command.
    private mutating func semicolon() {
        if self.take(.semicolon) != nil { return }
        let place = self.afterLast
        if self.token.isSign(.closeParen) {
            self.diagnostics.error(
                .extraParenthesis, at: self.token.range, "one `)` too many", fix: .delete(self.token.range))
            self.recover()
            return
        }
        self.diagnostics.error(
            .missingSemicolon, at: place, "`;` expected here, before \(self.token.description)",
            fix: .insert(";", at: place))
        switch self.token.kind {
        case .identifier, .sign(.closeBrace), .number, .end: break
        default: self.recover()
        }
    }

    /// A command without its `;`.
    mutating func command() -> SyntaxStatement? {
        guard let word = self.token.word else { return nil }
        if let flow = SyntaxFlow.Word(rawValue: word) { return self.flow(flow) }
        if word == "route", self.peek().isSign(.openParen) {
            guard let call = self.routeCall() else {
                self.recover()
                return nil
            }
            return .route(call)
        }
        guard let call = self.call() else {
            self.recover()
            return nil
        }
        return .call(call)
    }

    private mutating func flow(_ word: SyntaxFlow.Word) -> SyntaxStatement? {
        var range = self.advance().range
        if word == .return || word == .exit { self.usesModernWords = true }
        var value: Int?
        var expression: SyntaxExpression?
        if !self.token.isSign(.semicolon), !self.token.isSign(.closeBrace), !self.token.isWord("else"), !self.isAtEnd {
            let hasParenthesis = self.token.isSign(.openParen)
            if hasParenthesis, self.peek().isSign(.closeParen) {
                self.advance()
                range = range.through(self.advance().range)
            } else if self.startsValue {
                expression = self.expression()
                if let number = expression?.constant { value = number }
                if let expression { range = range.through(expression.range) }
            }
        }
        return .flow(SyntaxFlow(word: word, value: value, expression: expression, range: range))
    }

    private var startsValue: Bool {
        switch self.token.kind {
        case .number, .variable, .sign(.openParen), .sign(.minus), .sign(.plus): true
        default: false
        }
    }

    mutating func routeCall() -> SyntaxRouteCall? {
        let word = self.advance().range
        self.advance()
        if let text = self.takeString() {
            guard self.expect(.closeParen, "behind the block's name") else { return nil }
            return SyntaxRouteCall(name: text.text, nameRange: text.range, range: word.through(self.afterLast))
        }
        guard let name = self.takeWord() else {
            self.diagnostics.error(
                .unexpected, at: self.token.range, "a block's number or name expected, found \(self.token.description)")
            return nil
        }
        guard self.expect(.closeParen, "behind the block's name") else { return nil }
        return SyntaxRouteCall(name: name.text, nameRange: name.range, range: word.through(self.afterLast))
    }

    /// `name`, `name()`, `name(argument, …)`.
    mutating func call() -> SyntaxCall? {
        guard let word = self.token.word else { return nil }
        let name = SyntaxText(bytes: Array(word.utf8), range: self.advance().range)
        self.nextCall += 1
        var call = SyntaxCall(
            name: name, arguments: [], hasParentheses: false, range: name.range, id: self.nextCall)
        guard self.take(.openParen) != nil else { return call }
        call.hasParentheses = true
        if self.take(.closeParen) == nil {
            while true {
                guard let argument = self.argument(of: word) else { return nil }
                call.arguments.append(argument)
                if self.take(.comma) != nil { continue }
                if self.take(.closeParen) != nil { break }
                self.diagnostics.error(
                    .unexpected, at: self.token.range,
                    "`,` or `)` expected behind an argument of `\(word)`, found \(self.token.description)")
                return nil
            }
        }
        call.range = name.range.through(self.afterLast)
        return call
    }

    private mutating func argument(of word: String) -> SyntaxArgument? {
        if let value = self.value() { return value }
        // An argument that was left out: `f("a",,"b")`, `f(,"b")`.
        if self.token.isSign(.comma) { return SyntaxArgument(value: .string([]), range: self.token.range.before) }
        self.diagnostics.error(
            .unexpected, at: self.token.range, "an argument of `\(word)` expected, found \(self.token.description)")
        return nil
    }

    // MARK: if, while, switch

    private mutating func condition() -> SyntaxStatement? {
        let word = self.advance().range
        guard let condition = self.expression() else {
            self.recoverToBody()
            _ = self.body()
            self.skipElse()
            return nil
        }
        if self.token.isSign(.closeParen) {
            self.diagnostics.error(
                .extraParenthesis, at: self.token.range, "one `)` too many", fix: .delete(self.token.range))
            self.advance()
        }
        let then = self.body()
        var otherwise: [SyntaxStatement]?
        if self.token.isSign(.semicolon), self.peek().isWord("else") {
            let range = self.advance().range
            if !then.isCommand {
                self.diagnostics.error(
                    .semicolonBeforeElse, at: range, "`;` before `else`: it ends the `if`", fix: .delete(range))
            }
        }
        if self.take(word: "else") != nil {
            if self.token.isWord("if") {
                // `else if` is nesting, but a chain of a hundred is not deep.
                otherwise = (self.nested(word) { $0.condition() } ?? nil).map { [$0] } ?? []
            } else {
                otherwise = self.body().statements
            }
        }
        return .condition(SyntaxIf(condition: condition, then: then.statements, otherwise: otherwise, range: word))
    }

    /// What an `if`, `else` or `while` governs: a block, an `if`, or a command, whose `;` is optional as in SER.
    private mutating func body() -> (statements: [SyntaxStatement], isCommand: Bool) {
        if case .number = self.token.kind { self.skipCallouts() }
        if let open = self.take(.openBrace) {
            let body = self.nested(open) { $0.statements(in: open, owner: "if") }
            return (body?.statements ?? [], false)
        }
        if self.take(.semicolon) != nil { return ([], true) }
        if self.token.isWord("if") || self.token.isWord("while") || self.token.isWord("switch") {
            return ((self.nested(self.token.range) { $0.statement() } ?? nil).map { [$0] } ?? [], false)
        }
        if case .variable = self.token.kind { return (self.assignment().map { [$0] } ?? [], true) }
        guard let command = self.command() else {
            if self.token.word == nil {
                self.diagnostics.error(
                    .unexpected, at: self.token.range,
                    "`{` or a command expected behind the condition, found \(self.token.description)")
                self.recover()
            }
            return ([], true)
        }
        // `if (c) x();` is `if` and an empty statement; but a `;` before `else` belongs to the command.
        if self.token.isSign(.semicolon), !self.peek().isWord("else") { self.advance() }
        return ([command], true)
    }

    private mutating func skipElse() {
        while self.take(word: "else") != nil {
            if self.take(word: "if") != nil {
                if self.expression() == nil { self.recoverToBody() }
                _ = self.take(.closeParen)
            }
            _ = self.body()
        }
    }

    /// After a condition that could not be read: to the `{` of its body, if it is near.
    private mutating func recoverToBody() {
        while !self.isAtEnd, !self.token.isSign(.openBrace), !self.token.isSign(.closeBrace),
            !self.token.isSign(.semicolon), !self.startsBlock
        {
            self.advance()
        }
    }

    private mutating func loop() -> SyntaxStatement? {
        self.usesModernWords = true
        let word = self.advance().range
        guard let condition = self.expression() else {
            self.recoverToBody()
            _ = self.body()
            return nil
        }
        return .loop(condition, self.body().statements, word)
    }

    private mutating func choice() -> SyntaxStatement? {
        self.usesModernWords = true
        let word = self.advance().range
        guard let subject = self.expression(), let open = self.take(.openBrace) else {
            self.expect(.openBrace, "behind `switch (…)`")
            self.recover()
            return nil
        }
        var cases: [(value: SyntaxExpression?, body: [SyntaxStatement])] = []
        while !self.token.isSign(.closeBrace) {
            guard !self.isAtEnd, !self.startsBlock else {
                self.diagnostics.error(
                    .unclosedBlock, at: self.afterLast,
                    "unexpected end; the `switch` opened at \(self.sources.place(open)) is not closed")
                return nil
            }
            if self.take(.semicolon) != nil { continue }
            if self.take(word: "case") != nil {
                let value = self.sum()
                self.expect(.colon, "behind the case's value")
                cases.append((value, []))
            } else if self.take(word: "default") != nil {
                self.expect(.colon, "behind `default`")
                cases.append((nil, []))
            } else {
                let before = self.at
                let statement = self.nested(self.token.range) { $0.statement() } ?? nil
                if self.at == before { self.advance() }
                guard let statement else { continue }
                if cases.isEmpty {
                    self.diagnostics.error(
                        .unexpected, at: word, "`case` expected before the first statement of a `switch`")
                    cases.append((nil, []))
                }
                cases[cases.count - 1].body.append(statement)
            }
        }
        self.advance()
        return .choice(SyntaxSwitch(subject: subject, cases: cases, range: word))
    }

    private mutating func assignment() -> SyntaxStatement? {
        guard case .variable(let name) = self.token.kind else { return nil }
        self.usesModernWords = true
        let target = SyntaxText(bytes: Array(name.utf8), range: self.advance().range)
        guard self.expect(.assign, "behind \(name)"), let value = self.expression() else {
            self.recover()
            return nil
        }
        self.semicolon()
        return .assignment(target: target, value: value)
    }
}
