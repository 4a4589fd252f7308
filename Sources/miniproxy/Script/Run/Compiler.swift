import SIPKit

/// Turns a checked script into instructions.
struct Compiler<Host: ScriptHost> {
    private(set) var instructions: [Instruction] = []
    private(set) var ranges: [SourceRange] = []
    private(set) var sites: [Program<Host>.Site] = []
    private(set) var functions: [ScriptFunction] = []
    private(set) var constants: [[UInt8]] = []
    private(set) var patterns: [PatternMatcher] = []
    private(set) var networks: [NetworkPrefix] = []
    private(set) var entries: [Int32] = []
    var expressions: [ScriptExpression] = []
    var assignments: [Program<Host>.Assignment] = []
    var choices: [Program<Host>.Choice] = []
    var loopCount = 0
    private let checked: CheckedScript
    /// Something has no translation; the checker has said so.
    var isIncomplete = false
    /// Places of labels; −1 until they are known.
    private var labels: [Int32] = []
    /// Which fields hold labels, to be filled in at the end.
    private var pending: [(instruction: Int, label: Int, isError: Bool)] = []
    /// Labels inside of choices.
    var pendingCases: [(choice: Int, place: Int?, label: Int)] = []
    /// Where `break` goes: behind the innermost `while` or `switch`.
    var exits: [Int] = []
    private var blockCalls: [(instruction: Int, block: BlockID)] = []

    private init(_ checked: CheckedScript) { self.checked = checked }

    static func compile(_ script: LoadedScript) -> Compiler? {
        var compiler = Compiler(script.checked)
        for block in script.checked.blocks {
            compiler.entries.append(Int32(compiler.instructions.count))
            compiler.emit(Instruction(operation: .value, operand: 1), block.head)
            compiler.statements(block.body)
            compiler.emit(Instruction(operation: .end), block.close)
        }
        compiler.resolve()
        return compiler.isIncomplete ? nil : compiler
    }

    @discardableResult
    mutating func emit(_ instruction: Instruction, _ range: SourceRange) -> Int {
        self.instructions.append(instruction)
        self.ranges.append(range)
        return self.instructions.count - 1
    }

    // MARK: Labels

    mutating func label() -> Int {
        self.labels.append(-1)
        return self.labels.count - 1
    }

    mutating func place(_ label: Int) { self.labels[label] = Int32(self.instructions.count) }

    mutating func emit(
        _ instruction: Instruction, _ range: SourceRange, to label: Int, error: Int? = nil
    ) {
        let index = self.emit(instruction, range)
        self.pending.append((index, label, false))
        if let error { self.pending.append((index, error, true)) }
    }

    private mutating func resolve() {
        for entry in self.pending {
            if entry.isError {
                self.instructions[entry.instruction].error = self.labels[entry.label]
            } else {
                self.instructions[entry.instruction].target = self.labels[entry.label]
            }
        }
        for entry in self.pendingCases {
            if let place = entry.place {
                self.choices[entry.choice].cases[place].target = self.labels[entry.label]
            } else {
                self.choices[entry.choice].otherwise = self.labels[entry.label]
            }
        }
        for call in self.blockCalls {
            self.instructions[call.instruction].target = self.entries[Int(call.block.index)]
        }
    }

    // MARK: Statements

    mutating func statements(_ statements: [SyntaxStatement]) {
        for (index, statement) in statements.enumerated() {
            self.statement(statement, isLast: index == statements.count - 1)
        }
    }

    private mutating func statement(_ statement: SyntaxStatement, isLast: Bool) {
        switch statement {
        case .call(let call): self.call(call)
        case .route(let call): self.route(call)
        case .flow(let flow): self.flow(flow)
        case .block(let body, _): self.statements(body)
        case .condition(let condition): self.condition(condition, isLast: isLast)
        case .assignment(let target, let value): self.assign(target, value)
        case .loop(let condition, let body, let range): self.loop(condition, body, range)
        case .choice(let choice): self.choose(choice)
        }
    }

    mutating func call(_ call: SyntaxCall) {
        guard let resolved = self.checked.calls[call.id] else {
            self.isIncomplete = true
            return
        }
        switch resolved.function.name {
        case "setflag": self.emit(Instruction(operation: .setFlags, operand: Self.bit(resolved)), call.range)
        case "resetflag": self.emit(Instruction(operation: .resetFlags, operand: Self.bit(resolved)), call.range)
        case "isflagset":
            // As a statement it says something only as the last action of a block.
            let skip = self.label()
            self.emit(Instruction(operation: .value, operand: 1), call.range)
            self.emit(
                Instruction(operation: .testFlags, jumpsIf: true, operand: Self.bit(resolved)), call.range, to: skip)
            self.emit(Instruction(operation: .value, operand: -1), call.range)
            self.place(skip)
        default:
            guard let site = self.site(resolved) else { return }
            self.emit(Instruction(operation: .call, operand: site), call.range)
        }
    }

    private static func bit(_ call: ResolvedCall) -> Int32 {
        Int32(bitPattern: 1 << UInt32(call.arguments.integer(0) & 31))
    }

    private mutating func site(_ call: ResolvedCall) -> Int32? {
        guard let body = Host.body(of: call.function) else {
            self.isIncomplete = true
            return nil
        }
        let function = self.functions.firstIndex { $0.name == call.function.name } ?? self.functions.count
        if function == self.functions.count { self.functions.append(call.function) }
        self.sites.append(
            Program<Host>.Site(
                body: body, arguments: call.arguments, function: function, hasVariables: call.arguments.hasVariables))
        return Int32(self.sites.count - 1)
    }

    mutating func route(_ call: SyntaxRouteCall) {
        guard let block = self.checked.block(.request, named: call.name == "0" ? "" : call.name) else {
            self.isIncomplete = true
            return
        }
        self.blockCalls.append((self.emit(Instruction(operation: .block), call.range), block))
    }

    private mutating func flow(_ flow: SyntaxFlow) {
        switch flow.word {
        case .drop where self.checked.dialect == .modern: self.emit(Instruction(operation: .drop), flow.range)
        case .break where !self.exits.isEmpty:
            self.emit(Instruction(operation: .jump), flow.range, to: self.exits[self.exits.count - 1])
        case .break, .drop: self.emit(Instruction(operation: .leave, operand: 1), flow.range)
        case .exit: self.emit(Instruction(operation: .exit), flow.range)
        case .return:
            if flow.value == nil, let expression = flow.expression {
                guard let index = self.expression(expression) else { return }
                self.emit(Instruction(operation: .leaveWith, operand: index), flow.range)
            } else if flow.value == 0 {
                self.emit(Instruction(operation: .exit), flow.range)
            } else {
                self.emit(Instruction(operation: .leave, operand: Int32(clamping: flow.value ?? 1)), flow.range)
            }
        }
    }

    private mutating func condition(_ condition: SyntaxIf, isLast: Bool) {
        // The value of an `if` that runs nothing is true; only at the end of a block does anyone look.
        if isLast { self.emit(Instruction(operation: .value, operand: 1), condition.range) }
        let otherwise = self.label()
        self.test(condition.condition, jumpIf: false, to: otherwise, error: otherwise)
        self.statements(condition.then)
        guard let body = condition.otherwise, !body.isEmpty else {
            self.place(otherwise)
            return
        }
        let end = self.label()
        self.emit(Instruction(operation: .jump), condition.range, to: end)
        self.place(otherwise)
        self.statements(body)
        self.place(end)
    }

    // MARK: Conditions

    /// Jumps to `label` when the expression is `jumpIf`, goes on otherwise.
    mutating func test(_ expression: SyntaxExpression, jumpIf: Bool, to label: Int, error: Int) {
        switch expression {
        case .not(let inner, _): self.test(inner, jumpIf: !jumpIf, to: label, error: error)
        case .and(let left, let right): self.pair(left, right, stopsIf: false, jumpIf: jumpIf, to: label, error: error)
        case .or(let left, let right): self.pair(left, right, stopsIf: true, jumpIf: jumpIf, to: label, error: error)
        case .call(let call): self.test(call, jumpIf: jumpIf, to: label)
        case .route(let call):
            self.route(call)
            self.emit(Instruction(operation: .testValue, jumpsIf: jumpIf), call.range, to: label)
        case .block(let body, let range):
            self.statements(body)
            self.emit(Instruction(operation: .testValue, jumpsIf: jumpIf), range, to: label)
        case .number(let number, let range):
            self.emit(
                Instruction(operation: .constant, jumpsIf: jumpIf, operand: number == 0 ? 0 : 1), range, to: label)
        case .comparison(let comparison):
            if comparison.left.isCall {
                self.testResult(comparison, jumpIf: jumpIf, to: label)
                return
            }
            guard let instruction = self.instruction(comparison) ?? self.evaluation(expression) else {
                self.isIncomplete = true
                return
            }
            var test = instruction
            test.jumpsIf = jumpIf
            self.emit(test, comparison.range, to: label, error: error)
        case .variable, .arithmetic, .unary:
            guard var test = self.evaluation(expression) else { return }
            test.jumpsIf = jumpIf
            self.emit(test, expression.range, to: label)
        case .string, .operand, .pattern: self.isIncomplete = true
        }
    }

    /// `and` stops at the first that is false, `or` at the first that is true.
    private mutating func pair(
        _ left: SyntaxExpression, _ right: SyntaxExpression, stopsIf: Bool, jumpIf: Bool, to label: Int, error: Int
    ) {
        if stopsIf == jumpIf {
            self.test(left, jumpIf: jumpIf, to: label, error: error)
            self.test(right, jumpIf: jumpIf, to: label, error: error)
        } else {
            let skip = self.label()
            self.test(left, jumpIf: stopsIf, to: skip, error: error)
            self.test(right, jumpIf: jumpIf, to: label, error: error)
            self.place(skip)
        }
    }

    private mutating func test(_ call: SyntaxCall, jumpIf: Bool, to label: Int) {
        guard let resolved = self.checked.calls[call.id] else {
            self.isIncomplete = true
            return
        }
        switch resolved.function.name {
        case "isflagset":
            self.emit(
                Instruction(operation: .testFlags, jumpsIf: jumpIf, operand: Self.bit(resolved)), call.range, to: label)
        case "setflag", "resetflag":
            self.call(call)
            self.emit(Instruction(operation: .testValue, jumpsIf: jumpIf), call.range, to: label)
        default:
            guard let site = self.site(resolved) else { return }
            self.emit(Instruction(operation: .testCall, jumpsIf: jumpIf, operand: site), call.range, to: label)
        }
    }

    private mutating func constant(_ bytes: [UInt8]) -> Int32 {
        if let index = self.constants.firstIndex(of: bytes) { return Int32(index) }
        self.constants.append(bytes)
        return Int32(self.constants.count - 1)
    }

    private mutating func pattern(_ expression: SyntaxExpression) -> Int32? {
        guard case .string(let bytes, _) = expression,
            let pattern = try? PatternMatcher(extended: bytes, .ignoringCase)
        else { return nil }
        self.patterns.append(pattern)
        return Int32(self.patterns.count - 1)
    }

    mutating func network(_ prefix: NetworkPrefix) -> Int32 {
        self.networks.append(prefix)
        return Int32(self.networks.count - 1)
    }

    private mutating func instruction(_ comparison: SyntaxComparison) -> Instruction? {
        guard case .operand(let left) = comparison.left, !comparison.right.isComputed else { return nil }
        let isEqual = comparison.comparison == .equal
        switch left.text {
        case "method": return self.text(.method, comparison)
        case "uri": return self.uri(.request, .requestURI, comparison)
        case "from_uri": return self.uri(.from, .fromURI, comparison)
        case "to_uri": return self.uri(.to, .toURI, comparison)
        case "status": return self.status(comparison)
        case "src_ip": return self.address(0, comparison)
        case "dst_ip": return self.address(1, comparison)
        case "msg:len": return self.number(.messageLength, comparison)
        case "src_port": return self.number(.sourcePort, comparison)
        case "dst_port": return self.number(.destinationPort, comparison)
        case "proto":
            let name = Array((comparison.right.word ?? "").utf8)
            guard let transport = TransportProtocol(parsing: name.span, ByteRange(0, name.count)) else { return nil }
            return Instruction(
                operation: isEqual ? .transportEquals : .transportDiffers, operand: Int32(transport.rawValue))
        case "af":
            let family: Int32 = comparison.right.word?.lowercased() == "inet6" ? 6 : 4
            return Instruction(operation: isEqual ? .familyEquals : .familyDiffers, operand: family)
        case "myself":
            // The mirrored form.
            guard let word = comparison.right.word else { return nil }
            switch word {
            case "uri": return Self.myself(.request, isEqual)
            case "from_uri": return Self.myself(.from, isEqual)
            case "to_uri": return Self.myself(.to, isEqual)
            case "src_ip", "dst_ip":
                return Instruction(
                    operation: isEqual ? .addressIsMyself : .addressIsNotMyself, short: word == "src_ip" ? 0 : 1)
            default: return nil
            }
        default: return nil
        }
    }

    private static func myself(_ uri: ScriptURI, _ isEqual: Bool) -> Instruction {
        Instruction(operation: isEqual ? .uriIsMyself : .uriIsNotMyself, short: UInt16(uri.rawValue))
    }

    private mutating func uri(_ uri: ScriptURI, _ text: ScriptText, _ comparison: SyntaxComparison) -> Instruction? {
        if case .operand(let right) = comparison.right, right.text == "myself" {
            return Self.myself(uri, comparison.comparison == .equal)
        }
        return self.text(text, comparison)
    }

    private mutating func text(_ text: ScriptText, _ comparison: SyntaxComparison) -> Instruction? {
        let short = UInt16(text.rawValue)
        if comparison.comparison == .matches {
            return self.pattern(comparison.right).map {
                Instruction(operation: .textMatches, short: short, operand: $0)
            }
        }
        let bytes: [UInt8]
        switch comparison.right {
        case .string(let string, _): bytes = string
        case .operand(let right): bytes = right.bytes
        default: return nil
        }
        return Instruction(
            operation: comparison.comparison == .equal ? .textEquals : .textDiffers, short: short,
            operand: self.constant(bytes))
    }

    private mutating func status(_ comparison: SyntaxComparison) -> Instruction? {
        if comparison.comparison == .matches {
            return self.pattern(comparison.right).map { Instruction(operation: .statusMatches, operand: $0) }
        }
        let bytes = Array((comparison.right.word ?? comparison.right.number.map(String.init) ?? "").utf8)
        // A text that is no number equals no status.
        let number = ASCII.number(bytes.span, ByteRange(0, bytes.count), limit: 999).map { Int32($0) } ?? -1
        return Instruction(
            operation: comparison.comparison == .equal ? .statusEquals : .statusDiffers, operand: number)
    }

    private mutating func address(_ short: UInt16, _ comparison: SyntaxComparison) -> Instruction? {
        if comparison.comparison == .matches {
            return self.pattern(comparison.right).map {
                Instruction(operation: .addressMatches, short: short, operand: $0)
            }
        }
        guard let word = comparison.right.word else { return nil }
        let isEqual = comparison.comparison == .equal
        if word == "myself" {
            return Instruction(operation: isEqual ? .addressIsMyself : .addressIsNotMyself, short: short)
        }
        if let prefix = NetworkPrefix(word) {
            return Instruction(
                operation: isEqual ? .addressInside : .addressOutside, short: short, operand: self.network(prefix))
        }
        return Instruction(
            operation: isEqual ? .addressIsHost : .addressIsNotHost, short: short,
            operand: self.constant(Array(word.utf8)))
    }

    private func number(_ operand: NumberOperand, _ comparison: SyntaxComparison) -> Instruction? {
        guard let number = comparison.right.number else { return nil }
        let operation: Instruction.Operation
        switch comparison.comparison {
        case .equal: operation = .numberEquals
        case .notEqual: operation = .numberDiffers
        case .less: operation = .numberLess
        case .lessOrEqual: operation = .numberLessOrEqual
        case .greater: operation = .numberGreater
        case .greaterOrEqual: operation = .numberGreaterOrEqual
        case .matches: return nil
        }
        return Instruction(operation: operation, short: operand.rawValue, operand: Int32(clamping: number))
    }
}
