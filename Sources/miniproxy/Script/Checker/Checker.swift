/// Finds everything that can be wrong with a script before it runs (LANGUAGE.md §12, §15): names, arguments, blocks,
/// expressions, module parameters.
struct Checker {
    var diagnostics: Diagnostics
    let sources: SourceMap
    let script: SyntaxScript
    var checked: CheckedScript
    /// Modules that were loaded above; with those that do nothing here.
    var loaded: [ScriptModule] = []
    var loadedUnavailable: Set<String> = []
    /// The kind of the block that is being looked at.
    var kind = BlockKind.request
    /// Whether a function can run here; `check` accepts all that are declared.
    let isAvailable: (ScriptFunction) -> Bool

    init(
        _ script: SyntaxScript, sources: SourceMap, diagnostics: Diagnostics,
        isAvailable: @escaping (ScriptFunction) -> Bool
    ) {
        self.script = script
        self.sources = sources
        self.diagnostics = diagnostics
        self.checked = CheckedScript(dialect: script.dialect)
        self.isAvailable = isAvailable
    }

    mutating func check() {
        self.collectBlocks()
        for item in self.script.items {
            switch item {
            case .global(let global): self.check(global)
            case .loadModule(let path, _): self.load(path)
            case .moduleParameter(let parameter): self.check(parameter)
            case .block(let block):
                self.kind = block.kind
                if block.body.isEmpty {
                    self.diagnostics.warning(
                        .emptyBlock, at: block.head, "`\(self.sources.text(block.head))` is empty")
                }
                self.check(block.body)
            }
        }
    }

    /// Blocks may be called above where they stand.
    private mutating func collectBlocks() {
        for block in self.script.blocks {
            if let other = self.checked.blocks.first(where: { $0.kind == block.kind && $0.name == block.name }) {
                self.diagnostics.error(
                    .duplicateBlock, at: block.head,
                    "`\(self.sources.text(block.head))` stands twice; the first is at \(self.sources.place(other.head))"
                )
                continue
            }
            self.checked.blocks.append(block)
        }
        if self.checked.block(.request) == nil, !self.script.items.isEmpty {
            self.diagnostics.warning(
                .noMainBlock, at: SourceRange(file: 0, 0, 0),
                "there is no `route { … }`, so every request is dropped silently")
        }
    }

    // MARK: Statements

    mutating func check(_ statements: [SyntaxStatement]) {
        for statement in statements { self.check(statement) }
    }

    private mutating func check(_ statement: SyntaxStatement) {
        switch statement {
        case .call(let call): self.check(call)
        case .route(let call): self.check(call)
        case .flow(let flow):
            if let expression = flow.expression, flow.value == nil { self.check(value: expression) }
        case .condition(let condition):
            self.check(condition.condition)
            self.check(condition.then)
            if let otherwise = condition.otherwise { self.check(otherwise) }
        case .block(let statements, _): self.check(statements)
        case .assignment(let target, let value): self.check(target, value)
        case .loop(let condition, let body, _):
            self.check(condition)
            self.check(body)
        case .choice(let choice): self.check(choice)
        }
    }

    /// What the grammar reads and this version does not run.
    mutating func notAvailable(_ what: String, at range: SourceRange) {
        self.diagnostics.error(.notAvailable, at: range, "\(what) is not available in this version")
    }

    private mutating func check(_ call: SyntaxRouteCall) {
        guard self.checked.block(.request, named: call.name == "0" ? "" : call.name) == nil else { return }
        let names = self.checked.blocks.filter { $0.kind == .request && !$0.name.isEmpty }.map(\.name)
        self.diagnostics.error(
            .undefinedBlock, at: call.nameRange, "route[\(call.name)] is called but not defined",
            help: names.isEmpty ? nil : "defined are route[\(names.joined(separator: "], route["))]")
    }

    // MARK: Conditions

    mutating func check(_ expression: SyntaxExpression) {
        switch expression {
        case .comparison(let comparison):
            if case .operand(let operand) = comparison.left {
                self.check(comparison, operand.text)
            } else {
                self.checkFreeComparison(comparison)
            }
        case .not(let inner, _): self.check(inner)
        case .and(let left, let right), .or(let left, let right):
            self.check(left)
            self.check(right)
        case .call(let call): self.check(call)
        case .route(let call): self.check(call)
        case .block(let statements, _): self.check(statements)
        case .number: break
        case .string(_, let range):
            self.diagnostics.error(.badOperand, at: range, "a string is no condition; compare something with it")
        case .operand(let operand):
            self.diagnostics.error(
                .badOperand, at: operand.range, "`\(operand.text)` alone is no condition; compare it with something")
        case .variable, .arithmetic, .unary: self.check(value: expression)
        case .pattern(_, let range):
            self.diagnostics.error(.badOperand, at: range, "an expression between slashes stands behind `case` alone")
        }
    }

    private mutating func checkFreeComparison(_ comparison: SyntaxComparison) {
        if case .call(let call) = comparison.left, call.arguments.isEmpty, !call.hasParentheses {
            let nearest = NearestName.of(call.name.text, among: Parser.operands)
            self.diagnostics.error(
                .badOperand, at: call.name.range, "`\(call.name.text)` cannot be compared",
                help: nearest.map { "did you mean `\($0)`?" })
            return
        }
        if comparison.left.isCall {
            // `route(1) == 2`, `lookup("location") < 0`: the number that it returned.
            self.check(comparison.left)
            if comparison.comparison == .matches || comparison.right.number == nil {
                self.badRight(comparison, "a call's result is compared with a number")
            }
            return
        }
        guard comparison.left.isComputed || comparison.right.isComputed else {
            self.check(comparison.left)
            self.diagnostics.error(
                .badOperator, at: comparison.operatorRange,
                "`\(comparison.comparison.rawValue)` compares an element of the message (`method`, `uri`, …), not this")
            return
        }
        self.check(value: comparison.left)
        if comparison.comparison == .matches, case .string(let bytes, let range) = comparison.right {
            self.checkPattern(bytes, range, .ignoringCase)
        } else {
            self.check(value: comparison.right)
        }
    }
}
