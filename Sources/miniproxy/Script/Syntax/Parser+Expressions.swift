/// Expressions (LANGUAGE.md §7): `or` of `and` of `not` of comparisons; a comparison cannot be taken apart, so
/// `!uri==myself` is `!(uri==myself)`.
extension Parser {
    /// What can stand on the left of a comparison without being a call.
    static let operands: Set<String> = [
        "method", "uri", "status", "from_uri", "to_uri", "src_ip", "dst_ip", "src_port", "dst_port", "proto", "af",
        "msg:len", "myself", "max_len", "retcode", "uri:host", "uri:port", "snd_ip", "snd_port", "snd_proto", "snd_af",
        "to_ip", "to_port",
    ]

    mutating func expression() -> SyntaxExpression? {
        guard var left = self.conjunction() else { return nil }
        var links = 0
        while let range = self.take(.or) ?? self.take(.bitOr) ?? self.take(word: "or") {
            guard self.countLink(&links, range), let right = self.conjunction() else { return nil }
            left = .or(left, right)
        }
        return left
    }

    private mutating func conjunction() -> SyntaxExpression? {
        guard var left = self.negation() else { return nil }
        var links = 0
        while let range = self.take(.and) ?? self.take(.bitAnd) ?? self.take(word: "and") {
            guard self.countLink(&links, range), let right = self.negation() else { return nil }
            left = .and(left, right)
        }
        return left
    }

    private mutating func negation() -> SyntaxExpression? {
        if let range = self.take(.not) ?? self.take(word: "not") {
            guard let inner = self.nested(range, { $0.negation() }) ?? nil else { return nil }
            return .not(inner, range)
        }
        return self.comparison()
    }

    private mutating func comparison() -> SyntaxExpression? {
        guard let left = self.sum() else { return nil }
        guard case .sign(let sign) = self.token.kind else { return self.wordComparison(left) }
        if sign == .assign, left.isOperand {
            let range = self.advance().range
            self.diagnostics.warning(
                .assignmentInCondition, at: range, "`=` in a condition; did you mean `==`?",
                fix: .replace(range, "=="))
            return self.comparison(left, .equal, range)
        }
        guard let comparison = SyntaxComparison.Operator(rawValue: sign.rawValue) else { return left }
        let range = self.advance().range
        // `= ~` and `! =` written apart are not operators, but `==` followed by `=` is a slip we can name.
        if self.token.isSign(.assign) {
            self.diagnostics.error(.badOperator, at: self.token.range, "`=` behind `\(sign.rawValue)`")
            self.advance()
        }
        return self.comparison(left, comparison, range)
    }

    /// Kamailio's words `eq`, `ne`, `ieq`, `ine`.
    private mutating func wordComparison(_ left: SyntaxExpression) -> SyntaxExpression? {
        guard let word = self.token.word,
            let comparison = ["eq", "ieq"].contains(word)
                ? SyntaxComparison.Operator.equal
                : ["ne", "ine"].contains(word) ? .notEqual : nil
        else { return left }
        return self.comparison(left, comparison, self.advance().range)
    }

    private mutating func comparison(
        _ left: SyntaxExpression, _ comparison: SyntaxComparison.Operator, _ range: SourceRange
    ) -> SyntaxExpression? {
        let right: SyntaxExpression?
        if left.isOperand,
            self.token.word != nil || self.isNumber || self.token.isSign(.openBracket)
                || (self.token.isSign(.colon) && self.peek().isSign(.colon))
        {
            // A method, a host, an address, a network.
            right = self.takeWord().map(SyntaxExpression.operand)
        } else {
            right = self.sum()
        }
        guard let right else { return nil }
        return .comparison(
            SyntaxComparison(left: left, comparison: comparison, operatorRange: range, right: right))
    }

    private var isNumber: Bool { if case .number = self.token.kind { true } else { false } }

    // MARK: Values

    /// Arithmetic of the modern dialect, the loosest of its levels.
    mutating func sum() -> SyntaxExpression? { self.arithmetic(0) }

    /// Which signs bind how tightly, the loosest first.
    private static let levels: [[Token.Sign]] = [
        [.bitXor], [.shiftLeft, .shiftRight], [.plus, .minus], [.times, .divide],
    ]

    private mutating func arithmetic(_ level: Int) -> SyntaxExpression? {
        guard level < Self.levels.count else { return self.primary() }
        guard var left = self.arithmetic(level + 1) else { return nil }
        var links = 0
        while let sign = self.arithmeticSign(level, behind: left) {
            let range = self.advance().range
            self.usesModernWords = true
            guard self.countLink(&links, range), let right = self.arithmetic(level + 1) else { return nil }
            left = .arithmetic(left, sign, right)
        }
        return left
    }

    private func arithmeticSign(_ level: Int, behind left: SyntaxExpression) -> String? {
        if level == Self.levels.count - 1, self.token.isWord("mod") { return "mod" }
        guard case .sign(let sign) = self.token.kind, Self.levels[level].contains(sign), !left.isOperand else {
            return nil
        }
        return sign.rawValue
    }

    /// A chain such as `a || b || c` is a tree that is as deep as the chain is long, so its length has an end.
    private mutating func countLink(_ links: inout Int, _ range: SourceRange) -> Bool {
        links += 1
        guard links <= Self.longestChain else {
            self.diagnostics.error(.tooDeep, at: range, "more than \(Self.longestChain) parts in one expression")
            return false
        }
        return true
    }

    private static let longestChain = 500

    private mutating func primary() -> SyntaxExpression? {
        let token = self.token
        switch token.kind {
        case .sign(.openParen):
            if let cast = self.cast() { return cast }
            self.advance()
            guard let inner = self.nested(token.range, { $0.expression() }) ?? nil else { return nil }
            guard self.expect(.closeParen, "behind the expression that begins at \(self.sources.place(token.range))")
            else { return nil }
            return inner
        case .sign(.openBrace):
            self.advance()
            let body = self.nested(token.range) { $0.statements(in: token.range, owner: "block") }
            return body.map { .block($0.statements, token.range.through($0.close)) }
        case .sign(.bitNot):
            return self.unary("~")
        case .sign(.minus), .sign(.plus):
            guard case .number(let number) = self.peek().kind else {
                guard token.isSign(.minus) else { break }
                return self.unary("-")
            }
            self.advance()
            let range = token.range.through(self.advance().range)
            return .number(token.isSign(.minus) ? -number : number, range)
        case .number(let number):
            self.advance()
            return .number(number, token.range)
        case .string:
            return self.takeString().map { .string($0.bytes, $0.range) }
        case .variable(let name):
            self.usesModernWords = true
            self.advance()
            return .variable(name, token.range)
        case .pattern(let bytes):
            self.advance()
            return .pattern(bytes, token.range)
        case .identifier("defined"):
            return self.unary("defined")
        case .identifier(let word) where (word == "strlen" || word == "strempty") && self.peek().isSign(.openParen):
            self.advance()
            self.advance()
            self.usesModernWords = true
            guard let inner = self.nested(token.range, { $0.expression() }) ?? nil,
                self.expect(.closeParen, "behind the argument of `\(word)`")
            else { return nil }
            return .unary(word, inner, token.range)
        case .identifier("route") where self.peek().isSign(.openParen):
            return self.routeCall().map(SyntaxExpression.route)
        case .identifier(let word):
            if Self.operands.contains(word) {
                self.advance()
                return .operand(SyntaxArgument(value: .word(word), range: token.range))
            }
            if ["yes", "true", "on", "enable"].contains(word) {
                return .number(1, self.advance().range)
            }
            if ["no", "false", "off", "disable"].contains(word) {
                return .number(0, self.advance().range)
            }
            return self.call().map(SyntaxExpression.call)
        default: break
        }
        self.diagnostics.error(
            .unexpected, at: token.range, "a condition or a value expected, found \(token.description)")
        return nil
    }
}

extension Parser {
    /// `(int)$x`, `(str)$x`.
    private mutating func cast() -> SyntaxExpression? {
        guard let word = self.peek().word, word == "int" || word == "str", self.peek(2).isSign(.closeParen) else {
            return nil
        }
        self.advance()
        self.advance()
        return self.unary(word)
    }

    private mutating func unary(_ word: String) -> SyntaxExpression? {
        let range = self.advance().range
        self.usesModernWords = true
        guard let inner = self.nested(range, { $0.primary() }) ?? nil else { return nil }
        return .unary(word, inner, range)
    }
}

extension SyntaxExpression {
    var isOperand: Bool { if case .operand = self { true } else { false } }

    /// The number that it always is.
    var constant: Int? { if case .number(let number, _) = self { number } else { nil } }
}
