/// Variables, calculations, `switch` (LANGUAGE.md §14).
extension Checker {
    /// The variable that a token names; what is wrong with it is told.
    mutating func variable(_ name: String, at range: SourceRange) -> ScriptVariable? {
        if name.hasPrefix("@") {
            self.notAvailable("the select `\(name)`", at: range)
            return nil
        }
        for (prefix, what) in [("$sht(", "htable"), ("$sel(", "cfg_get"), ("$xavp(", "xavp"), ("$dlg_var(", "dialog")]
        where name.hasPrefix(prefix) || name.hasPrefix("$(" + prefix.dropFirst()) {
            self.notAvailable("`\(prefix)…)` (\(what))", at: range)
            return nil
        }
        do throws(VariableError) {
            return try VariableParser.parse(name.utf8)
        } catch {
            self.report(error, at: range)
            return nil
        }
    }

    mutating func report(_ error: VariableError, at range: SourceRange) {
        self.diagnostics.error(.unknownVariable, at: range, error.message, help: error.help)
    }

    mutating func check(_ target: SyntaxText, _ value: SyntaxExpression) {
        if let variable = self.variable(target.text, at: target.range), !variable.isSettable {
            self.diagnostics.error(
                .badOperand, at: target.range, "`\(target.text)` cannot be set",
                help: "$ru, $rU, $rd, $rp, $du, $avp(…) and $var(…) can")
        }
        // A call alone gives its number; inside of a calculation it could not wait for an answer.
        if value.isCall { self.check(value) } else { self.check(value: value) }
    }

    mutating func check(_ choice: SyntaxSwitch) {
        if choice.subject.isCall { self.check(choice.subject) } else { self.check(value: choice.subject) }
        var hasDefault = false
        for (value, body) in choice.cases {
            switch value {
            case .pattern(let bytes, let range)?: self.checkPattern(bytes, range, .ignoringCase)
            case .string?, .number?: break
            case let other?:
                self.diagnostics.error(
                    .badOperand, at: other.range, "a case is a string, a number or an expression between slashes")
            case nil:
                if hasDefault {
                    self.diagnostics.error(.unexpected, at: choice.range, "the `switch` has more than one `default`")
                }
                hasDefault = true
            }
            self.check(body)
        }
    }

    /// An expression whose value counts: nothing in it may call.
    mutating func check(value expression: SyntaxExpression) {
        switch expression {
        case .number, .string: break
        case .variable(let name, let range): _ = self.variable(name, at: range)
        case .operand(let operand):
            if !SyntaxExpression.readable.contains(operand.text) {
                self.diagnostics.error(
                    .badOperand, at: operand.range, "`\(operand.text)` has no value to calculate with")
            }
        case .arithmetic(let left, _, let right), .and(let left, let right), .or(let left, let right):
            self.check(value: left)
            self.check(value: right)
        case .not(let inner, _), .unary(_, let inner, _): self.check(value: inner)
        case .comparison(let comparison):
            self.check(value: comparison.left)
            if comparison.comparison == .matches, case .string(let bytes, let range) = comparison.right {
                self.checkPattern(bytes, range, .ignoringCase)
            } else {
                self.check(value: comparison.right)
            }
        case .call(let call) where !call.hasParentheses:
            self.diagnostics.error(
                .badOperand, at: call.range, "`\(call.name.text)` is no value", help: "a text stands in quotes",
                fix: .replace(call.range, "\"\(call.name.text)\""))
        case .call(let call):
            self.diagnostics.error(
                .badOperand, at: call.range, "a call cannot stand inside of a calculation",
                help: "call it first; its result is in $rc")
        case .route(let call):
            self.diagnostics.error(
                .badOperand, at: call.range, "a call cannot stand inside of a calculation",
                help: "call it first; its result is in $rc")
        case .block(_, let range):
            self.diagnostics.error(.badOperand, at: range, "a block has no value here")
        case .pattern(_, let range):
            self.diagnostics.error(.badOperand, at: range, "an expression between slashes stands behind `case` alone")
        }
    }
}

extension SyntaxExpression {
    /// The elements of a message whose value can be calculated with.
    static let readable: Set<String> = [
        "method", "uri", "from_uri", "to_uri", "status", "msg:len", "max_len", "src_port", "dst_port", "src_ip",
        "dst_ip",
    ]

    /// Whether its value has to be computed: a variable is in it.
    var isComputed: Bool {
        switch self {
        case .variable, .arithmetic, .unary: true
        default: false
        }
    }

    var isCall: Bool {
        switch self {
        case .call, .route: true
        default: false
        }
    }
}
