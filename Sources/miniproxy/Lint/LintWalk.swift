import SIPKit

/// Follows every way that a request can take through a script, as far as the tests can be told apart.
///
/// The instructions of the program are walked as they would run; a test that nothing decides is taken both ways. A place
/// that was reached with the same facts before is not walked again, so the work is bounded by places and facts, and by
/// `mostSteps` besides.
struct LintWalk {
    private struct State: Hashable {
        var at: Int32
        var frames: [Int32] = []
        var facts = PathFacts()
        /// The last command that was carried out, for what is reported at the end.
        var last: Int32
    }

    static let mostSteps = 400_000

    private let program: Program<UncalledHost>
    private let script: LintScript
    private var findings: [Diagnostic] = []
    private var seen: Set<State> = []
    private var open: [State] = []

    private init(_ program: Program<UncalledHost>) {
        self.program = program
        self.script = LintScript(program)
    }

    /// The findings for a script without errors, in the order of the source.
    static func findings(in script: LoadedScript) -> [Diagnostic] {
        guard let program = Program<UncalledHost>(script), let main = program.main else { return [] }
        var walk = LintWalk(program)
        let entry = program.entries[Int(main.index)]
        walk.open = [State(at: entry, last: entry)]
        var steps = 0
        while let state = walk.open.popLast(), steps < Self.mostSteps {
            steps += 1
            walk.step(state)
        }
        return walk.findings
    }

    private mutating func push(_ state: State) {
        if self.seen.insert(state).inserted { self.open.append(state) }
    }

    // MARK: Walking

    private mutating func step(_ state: State) {
        guard state.at >= 0, Int(state.at) < self.program.instructions.count else {
            self.look(nil, .none, Int(state.last), state.facts)
            return
        }
        let instruction = self.program.instructions[Int(state.at)]
        var next = state
        next.at = state.at + 1
        switch instruction.operation {
        case .jump: next.at = instruction.target
        case .value, .enterLoop: break
        case .loop:
            // Once more, and on.
            var again = next
            again.at = instruction.target
            self.push(again)
        case .choose:
            let choice = self.program.choices[Int(instruction.operand)]
            for target in choice.cases.map(\.target) + [choice.otherwise] {
                var way = next
                way.at = target
                self.push(way)
            }
            return
        case .assign:
            if self.program.assignments[Int(instruction.operand)].target.decidesTarget { next.facts.target = .chosen }
        case .block:
            // A block that calls itself is followed some times only.
            guard state.frames.count < 12 else { return }
            next.frames.append(next.at)
            next.at = instruction.target
        case .end: next.at = next.frames.popLast() ?? -1
        case .leave, .leaveWith:
            next.last = state.at
            next.at = next.frames.popLast() ?? -1
        case .exit, .drop:
            next.last = state.at
            next.at = -1
        case .setFlags, .resetFlags:
            let bits = UInt32(bitPattern: instruction.operand)
            next.facts.knownFlags |= bits
            next.facts.flags = instruction.operation == .setFlags ? next.facts.flags | bits : next.facts.flags & ~bits
        case .call, .testCall:
            self.call(instruction, state, next)
            return
        default:
            self.test(instruction, state, next)
            return
        }
        self.push(next)
    }

    private mutating func call(_ instruction: Instruction, _ state: State, _ next: State) {
        let site = self.program.sites[Int(instruction.operand)]
        let name = self.program.functions[site.function].name
        self.look(name, site.arguments, Int(state.at), state.facts)
        var next = next
        next.last = state.at
        var outcomes = LintEffects.outcomes(of: name, site.arguments, state.facts)
        // A contact that was kept with the NAT flag sets it.
        if name == "lookup" { outcomes.yes?.knownFlags &= ~self.script.natFlag }
        if instruction.operation == .call {
            for facts in [outcomes.yes, outcomes.no].compactMap({ $0 }) {
                next.facts = facts
                self.push(next)
            }
        } else {
            self.branch(instruction, next, yes: outcomes.yes, no: outcomes.no)
        }
    }

    private mutating func test(_ instruction: Instruction, _ state: State, _ next: State) {
        var (yes, no): (PathFacts?, PathFacts?) = (state.facts, state.facts)
        switch instruction.operation {
        case .constant: if instruction.operand != 0 { no = nil } else { yes = nil }
        case .testFlags:
            let bit = UInt32(bitPattern: instruction.operand)
            if state.facts.knownFlags & bit != 0 {
                if state.facts.flags & bit != 0 { no = nil } else { yes = nil }
            } else {
                yes?.knownFlags |= bit
                yes?.flags |= bit
                no?.knownFlags |= bit
            }
        case .textEquals, .textDiffers:
            if instruction.short == UInt16(ScriptText.method.rawValue) {
                let wanted = PathFacts.Methods(self.program.constants[Int(instruction.operand)])
                (yes, no) = Self.split(state.facts, wanted)
                if instruction.operation == .textDiffers { swap(&yes, &no) }
            }
        case .evaluate:
            (yes, no) = LintEffects.outcomes(of: self.program.expressions[Int(instruction.operand)], state.facts)
        case .uriIsMyself, .uriIsNotMyself:
            if instruction.short == UInt16(ScriptURI.request.rawValue) {
                (yes, no) = LintEffects.split(target: state.facts)
                if instruction.operation == .uriIsNotMyself { swap(&yes, &no) }
            }
        case .addressIsMyself, .addressInside, .addressIsHost, .addressMatches: yes?.isVouchedFor = true
        case .addressIsNotMyself, .addressOutside, .addressIsNotHost: no?.isVouchedFor = true
        case .numberLess, .numberLessOrEqual, .numberGreater, .numberGreaterOrEqual:
            if instruction.short == NumberOperand.messageLength.rawValue {
                yes?.limitsLength = true
                no?.limitsLength = true
            }
        default: break
        }
        self.branch(instruction, next, yes: yes, no: no)
    }

    static func split(_ facts: PathFacts, _ wanted: PathFacts.Methods) -> (PathFacts?, PathFacts?) {
        var (yes, no) = (facts, facts)
        yes.methods.formIntersection(wanted)
        // "Other" is many methods: not being one of them leaves the others.
        no.methods.subtract(wanted.subtracting(.other))
        return (yes.methods.isEmpty ? nil : yes, no.methods.isEmpty ? nil : no)
    }

    private mutating func branch(_ instruction: Instruction, _ next: State, yes: PathFacts?, no: PathFacts?) {
        for (isTrue, facts) in [(true, yes), (false, no)] {
            guard let facts else { continue }
            var state = next
            state.facts = facts
            if isTrue == instruction.jumpsIf { state.at = instruction.target }
            self.push(state)
        }
    }

    // MARK: Reporting

    private mutating func look(_ function: String?, _ arguments: PreparedArguments, _ at: Int, _ facts: PathFacts) {
        let range = self.program.ranges[Swift.min(Swift.max(at, 0), self.program.ranges.count - 1)]
        let step = LintStep(function: function, arguments: arguments, range: range, facts: facts, script: self.script)
        for rule in LintRule.all {
            guard let place = rule.look(step),
                !self.findings.contains(where: { $0.range == place && $0.message.hasPrefix(rule.name + ":") })
            else { continue }
            self.findings.append(
                Diagnostic(.warning, .lint, at: place, "\(rule.name): \(rule.message)", help: rule.help))
        }
    }
}
