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
        while self.take(.or) != nil || self.take(.bitOr) != nil || self.take(word: "or") != nil {
            guard let right = self.conjunction() else { return nil }
            left = .or(left, right)
        }
        return left
    }

    private mutating func conjunction() -> SyntaxExpression? {
        guard var left = self.negation() else { return nil }
        while self.take(.and) != nil || self.take(.bitAnd) != nil || self.take(word: "and") != nil {
            guard let right = self.negation() else { return nil }
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

    /// Arithmetic of the modern dialect.
    mutating func sum() -> SyntaxExpression? {
        guard var left = self.primary() else { return nil }
        while case .sign(let sign) = self.token.kind, [.plus, .minus, .times, .divide].contains(sign), !left.isOperand {
            self.advance()
            self.usesModernWords = true
            guard let right = self.primary() else { return nil }
            left = .arithmetic(left, sign.rawValue, right)
        }
        return left
    }

    private mutating func primary() -> SyntaxExpression? {
        let token = self.token
        switch token.kind {
        case .sign(.openParen):
            self.advance()
            guard let inner = self.nested(token.range, { $0.expression() }) ?? nil else { return nil }
            guard self.expect(.closeParen, "behind the expression that begins at \(self.sources.place(token.range))")
            else { return nil }
            return inner
        case .sign(.openBrace):
            self.advance()
            let body = self.nested(token.range) { $0.statements(in: token.range, owner: "block") }
            return body.map { .block($0.statements, token.range.through($0.close)) }
        case .sign(.minus), .sign(.plus):
            guard case .number(let number) = self.peek().kind else { break }
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

extension SyntaxExpression {
    var isOperand: Bool { if case .operand = self { true } else { false } }

    /// The number that it always is.
    var constant: Int? { if case .number(let number, _) = self { number } else { nil } }
}
