import SIPKit

/// Assignments, loops, `switch`, and the trees of calculations.
extension Compiler {
    mutating func assign(_ target: SyntaxText, _ value: SyntaxExpression) {
        guard let variable = try? VariableParser.parse(target.bytes) else {
            self.isIncomplete = true
            return
        }
        var tree: ScriptExpression?
        if self.called(value) == false {
            guard let compiled = self.tree(value) else { return }
            tree = compiled
        }
        self.assignments.append(Program<Host>.Assignment(target: variable, value: tree))
        let range = target.range.through(value.range)
        self.emit(Instruction(operation: .assign, operand: Int32(self.assignments.count - 1)), range)
    }

    /// Emits the call that stands for a value; its result is what the next instruction takes.
    private mutating func called(_ value: SyntaxExpression) -> Bool {
        switch value {
        case .call(let call): self.call(call)
        case .route(let call): self.route(call)
        default: return false
        }
        return true
    }

    mutating func loop(_ condition: SyntaxExpression, _ body: [SyntaxStatement], _ range: SourceRange) {
        let counter = Int32(self.loopCount)
        self.loopCount += 1
        let (begin, end) = (self.label(), self.label())
        self.emit(Instruction(operation: .enterLoop, operand: counter), range)
        self.place(begin)
        self.test(condition, jumpIf: false, to: end, error: end)
        self.exits.append(end)
        self.statements(body)
        self.exits.removeLast()
        self.emit(Instruction(operation: .loop, operand: counter), range, to: begin)
        self.place(end)
    }

    mutating func choose(_ choice: SyntaxSwitch) {
        var subject: ScriptExpression?
        if self.called(choice.subject) == false {
            guard let compiled = self.tree(choice.subject) else { return }
            subject = compiled
        }
        let number = self.choices.count
        self.choices.append(Program<Host>.Choice(subject: subject, cases: [], otherwise: -1))
        self.emit(Instruction(operation: .choose, operand: Int32(number)), choice.range.through(choice.subject.range))
        let end = self.label()
        var otherwise = end
        self.exits.append(end)
        for (value, body) in choice.cases {
            let label = self.label()
            self.place(label)
            switch value {
            case nil: otherwise = label
            case .pattern(let bytes, _)?:
                guard let pattern = try? PatternMatcher(extended: bytes, .ignoringCase) else {
                    self.isIncomplete = true
                    return
                }
                self.pendingCases.append((number, self.choices[number].cases.count, label))
                self.choices[number].cases.append((.matches(pattern), -1))
            case let value?:
                guard case .constant(let constant)? = self.tree(value) else { return }
                self.pendingCases.append((number, self.choices[number].cases.count, label))
                self.choices[number].cases.append((.equals(constant), -1))
            }
            self.statements(body)
        }
        self.exits.removeLast()
        self.pendingCases.append((number, nil, otherwise))
        self.place(end)
    }

    // MARK: Conditions

    /// The test of a condition that has to be calculated.
    mutating func evaluation(_ expression: SyntaxExpression) -> Instruction? {
        self.expression(expression).map { Instruction(operation: .evaluate, operand: $0) }
    }

    /// `route(1) == 2`: the call, then its number.
    mutating func testResult(_ comparison: SyntaxComparison, jumpIf: Bool, to label: Int) {
        guard self.called(comparison.left), let number = comparison.right.number else {
            self.isIncomplete = true
            return
        }
        let tests: [SyntaxComparison.Operator: ResultTest] = [
            .equal: .equal, .notEqual: .notEqual, .less: .less, .lessOrEqual: .lessOrEqual, .greater: .greater,
            .greaterOrEqual: .greaterOrEqual,
        ]
        guard let test = tests[comparison.comparison] else {
            self.isIncomplete = true
            return
        }
        self.emit(
            Instruction(
                operation: .testResult, jumpsIf: jumpIf, short: test.rawValue, operand: Int32(clamping: number)),
            comparison.range, to: label)
    }

    mutating func expression(_ expression: SyntaxExpression) -> Int32? {
        guard let tree = self.tree(expression) else { return nil }
        self.expressions.append(tree)
        return Int32(self.expressions.count - 1)
    }

    // MARK: Trees

    private mutating func tree(_ expression: SyntaxExpression) -> ScriptExpression? {
        let tree = self.compiled(expression)
        if tree == nil { self.isIncomplete = true }
        return tree
    }

    private mutating func compiled(_ expression: SyntaxExpression) -> ScriptExpression? {
        switch expression {
        case .number(let number, _): return .constant(.number(number))
        case .string(let bytes, _): return .constant(.text(bytes))
        case .variable(let name, _): return (try? VariableParser.parse(name.utf8)).map { .variable($0) }
        case .operand(let operand): return Self.operand(operand)
        case .not(let inner, _): return self.tree(inner).map { .not($0) }
        case .and(let left, let right):
            guard let left = self.tree(left), let right = self.tree(right) else { return nil }
            return .and(left, right)
        case .or(let left, let right):
            guard let left = self.tree(left), let right = self.tree(right) else { return nil }
            return .or(left, right)
        case .arithmetic(let left, let word, let right):
            guard let operation = ScriptExpression.Arithmetic(rawValue: word), let left = self.tree(left),
                let right = self.tree(right)
            else { return nil }
            return .arithmetic(operation, left, right)
        case .unary(let word, let inner, _):
            guard let operation = ScriptExpression.Unary(rawValue: word), let inner = self.tree(inner) else {
                return nil
            }
            return .unary(operation, inner)
        case .comparison(let comparison): return self.compiled(comparison)
        case .call, .route, .block, .pattern: return nil
        }
    }

    private mutating func compiled(_ comparison: SyntaxComparison) -> ScriptExpression? {
        guard let left = self.tree(comparison.left) else { return nil }
        if comparison.comparison == .matches {
            if case .string(let bytes, _) = comparison.right {
                return (try? PatternMatcher(extended: bytes, .ignoringCase)).map { .matches(left, $0) }
            }
            return self.tree(comparison.right).map { .matchesText(left, $0) }
        }
        // `uri`, `method` and their kin do not mind the case of letters; variables do.
        let ignoringCase = comparison.left.isOperand || comparison.right.isOperand
        return self.tree(comparison.right).map { .compare(comparison.comparison, left, $0, ignoringCase: ignoringCase) }
    }

    private static func operand(_ operand: SyntaxArgument) -> ScriptExpression? {
        switch operand.text {
        case "method": .text(.method)
        case "uri": .text(.requestURI)
        case "from_uri": .text(.fromURI)
        case "to_uri": .text(.toURI)
        case "status": .status
        case "msg:len": .number(.messageLength)
        case "src_port": .number(.sourcePort)
        case "dst_port": .number(.destinationPort)
        case "src_ip": .address(isSource: true)
        case "dst_ip": .address(isSource: false)
        case "max_len": .constant(.number(65535))
        default:
            switch operand.value {
            case .number(let number): .constant(.number(number))
            default: .constant(.text(operand.bytes))
            }
        }
    }
}
