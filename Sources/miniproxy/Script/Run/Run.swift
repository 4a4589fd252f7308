import SIPKit

/// One message's way through a program: where it is, and from where it was called. A value; a shard keeps it aside while
/// the message waits for an answer.
struct Run: Sendable {
    /// Levels of `route()` inside one another (LANGUAGE.md §3).
    static let deepest = 100
    /// Calls of blocks in one run. Blocks that call themselves twice would otherwise go on for 2^100 steps.
    static let mostCalls: Int32 = 10_000

    fileprivate var at: Int32
    /// The result of the last action.
    fileprivate(set) var value: Int32 = 1
    fileprivate var depth: Int32 = 0
    fileprivate var callsLeft = Run.mostCalls
    fileprivate var isWaiting = false
    /// Rounds of each `while` so far; empty until the first.
    fileprivate var rounds: [Int] = []
    var isTracing: Bool
    fileprivate var frames: InlineArray<100, Int32>

    init(at entry: Int32, tracing: Bool) {
        self.at = entry
        self.isTracing = tracing
        self.frames = InlineArray(repeating: 0)
    }

    enum Outcome: Sendable, Equatable {
        case finished
        /// A function asked; `resume` with the answer goes on.
        case waiting
        /// Blocks called one another too deep or too often; the script was given up here.
        case tooDeep
    }
}

extension Program {
    /// Runs until the script ends or has to wait.
    func start(_ run: inout Run, _ host: inout Host) -> Run.Outcome {
        guard run.at >= 0, !run.isWaiting else { return .finished }
        return self.execute(&run, &host, answer: nil)
    }

    /// Goes on with the answer to the question that the host has.
    func resume(_ run: inout Run, _ host: inout Host, with answer: Answer) -> Run.Outcome {
        guard run.isWaiting else { return .finished }
        run.isWaiting = false
        return self.execute(&run, &host, answer: answer)
    }

    private func execute(_ run: inout Run, _ host: inout Host, answer: Answer?) -> Run.Outcome {
        // The answer is for the one instruction that asked; the loop knows nothing of answers.
        if let answer, let outcome = self.goOn(&run, &host, with: answer) { return outcome }
        let instructions = self.instructions
        let count = Int32(truncatingIfNeeded: instructions.count)
        while run.at >= 0, run.at < count {
            let here = run.at
            let instruction = instructions[Int(here)]
            run.at = here &+ 1
            switch instruction.operation {
            case .jump: run.at = instruction.target
            case .value: run.value = instruction.operand
            case .block:
                guard run.depth < Run.deepest, run.callsLeft > 0 else {
                    run.value = -1
                    run.at = -1
                    return .tooDeep
                }
                run.callsLeft &-= 1
                run.frames[Int(run.depth)] = run.at
                run.depth &+= 1
                run.value = 1
                run.at = instruction.target
                if run.isTracing { host.trace(TraceStep(instruction: here, verdict: .yes)) }
            case .end:
                host.returnCode = run.value
                self.leave(&run, value: run.value)
            case .leave:
                if run.isTracing { host.trace(TraceStep(instruction: here, verdict: .stop)) }
                host.returnCode = instruction.operand
                self.leave(&run, value: instruction.operand)
            case .leaveWith:
                let value = Int32(clamping: self.expressions[Int(instruction.operand)].value(&host).number)
                if run.isTracing { host.trace(TraceStep(instruction: here, verdict: .stop)) }
                host.returnCode = value
                if value == 0 { run.at = -1 } else { self.leave(&run, value: value) }
            case .enterLoop:
                if run.rounds.isEmpty { run.rounds = Array(repeating: 0, count: self.loopCount) }
                run.rounds[Int(instruction.operand)] = 0
            case .loop:
                run.rounds[Int(instruction.operand)] += 1
                if run.rounds[Int(instruction.operand)] < self.mostRounds {
                    run.at = instruction.target
                } else {
                    host.endedLoop(self.mostRounds)
                }
            case .assign:
                let assignment = self.assignments[Int(instruction.operand)]
                let value = assignment.value?.value(&host) ?? .number(Int(host.returnCode))
                host.set(assignment.target, to: value)
                run.value = 1
                if run.isTracing { host.trace(TraceStep(instruction: here, verdict: .yes)) }
            case .choose:
                run.at = self.place(self.choices[Int(instruction.operand)], &host)
                if run.isTracing { host.trace(TraceStep(instruction: here, verdict: .yes)) }
            case .exit, .drop:
                if run.isTracing { host.trace(TraceStep(instruction: here, verdict: .stop)) }
                if instruction.operation == .drop { host.drop() }
                run.at = -1
            case .setFlags:
                self.statement(here, .yes, &run, &host) { $0.flags |= UInt32(bitPattern: instruction.operand) }
            case .resetFlags:
                self.statement(here, .yes, &run, &host) { $0.flags &= ~UInt32(bitPattern: instruction.operand) }
            case .call, .testCall:
                let result = self.call(Int(instruction.operand), &host)
                if self.hasCalled(instruction, here, result, &run, &host) { return .waiting }
            case .addressIsHost, .addressIsNotHost:
                let address = (instruction.short == 0 ? host.source : host.destination).ip
                let name = self.constants[Int(instruction.operand)]
                let result = host.isAddress(address, ofHost: name)
                if self.hasCompared(instruction, here, result, &run, &host) { return .waiting }
            case .uriIsMyself, .uriIsNotMyself:
                guard let uri = ScriptURI(rawValue: UInt8(truncatingIfNeeded: instruction.short)),
                    let isMyself = host.isMyself(uri)
                else {
                    if run.isTracing { host.trace(TraceStep(instruction: here, verdict: .no)) }
                    run.at = instruction.error
                    continue
                }
                let isTrue = isMyself == (instruction.operation == .uriIsMyself)
                if run.isTracing { host.trace(TraceStep(instruction: here, verdict: isTrue ? .yes : .no)) }
                if isTrue == instruction.jumpsIf { run.at = instruction.target }
            default:
                let isTrue = self.test(instruction, run.value, &host)
                if run.isTracing { host.trace(TraceStep(instruction: here, verdict: isTrue ? .yes : .no)) }
                if isTrue == instruction.jumpsIf { run.at = instruction.target }
            }
        }
        return .finished
    }

    /// Carries out the instruction that asked, with the answer to its question.
    ///
    /// - Returns: `nil` for going on.
    private func goOn(_ run: inout Run, _ host: inout Host, with answer: Answer) -> Run.Outcome? {
        guard run.at >= 0, Int(run.at) < self.instructions.count else { return .finished }
        let here = run.at
        let instruction = self.instructions[Int(here)]
        run.at = here &+ 1
        switch instruction.operation {
        case .call, .testCall:
            let result = self.call(Int(instruction.operand), answer, &host)
            return self.hasCalled(instruction, here, result, &run, &host) ? .waiting : nil
        case .addressIsHost, .addressIsNotHost:
            let address = (instruction.short == 0 ? host.source : host.destination).ip
            let result = host.resume(address, ofHost: self.constants[Int(instruction.operand)], answer)
            return self.hasCompared(instruction, here, result, &run, &host) ? .waiting : nil
        default:
            // Nothing else asks.
            run.at = here
            return nil
        }
    }

    /// What comes of a function's result.
    ///
    /// - Returns: whether it asks, and the run has to wait here.
    @inline(__always)
    private func hasCalled(
        _ instruction: Instruction, _ here: Int32, _ result: FunctionResult, _ run: inout Run, _ host: inout Host
    ) -> Bool {
        if case .ask = result {
            self.wait(here, &run, &host)
            return true
        }
        let number = result.number
        host.returnCode = number
        if run.isTracing {
            host.trace(TraceStep(instruction: here, verdict: number == 0 ? .stop : number > 0 ? .yes : .no))
        }
        if number == 0 {
            // Neither branch of an `if` runs, nor what follows.
            if self.dialect == .modern { run.at = -1 } else { self.leave(&run, value: 1) }
        } else if instruction.operation == .call {
            run.value = number
        } else if (number > 0) == instruction.jumpsIf {
            run.at = instruction.target
        }
        return false
    }

    /// The same for the comparison of an address with a host name.
    private func hasCompared(
        _ instruction: Instruction, _ here: Int32, _ result: FunctionResult, _ run: inout Run, _ host: inout Host
    ) -> Bool {
        if case .ask = result {
            self.wait(here, &run, &host)
            return true
        }
        let isTrue = (result.number > 0) == (instruction.operation == .addressIsHost)
        if run.isTracing { host.trace(TraceStep(instruction: here, verdict: isTrue ? .yes : .no)) }
        if isTrue == instruction.jumpsIf { run.at = instruction.target }
        return false
    }

    private func wait(_ here: Int32, _ run: inout Run, _ host: inout Host) {
        run.at = here
        run.isWaiting = true
        if run.isTracing { host.trace(TraceStep(instruction: here, verdict: .asks)) }
    }

    /// Back to the caller, or the end. A block's value is −1 or, for everything else, true.
    @inline(__always)
    private func leave(_ run: inout Run, value: Int32) {
        run.value = value < 0 ? value : Swift.max(1, value)
        guard run.depth > 0 else {
            run.at = -1
            return
        }
        run.depth &-= 1
        run.at = run.frames[Int(run.depth)]
    }

    @inline(__always)
    private func statement(
        _ here: Int32, _ verdict: TraceStep.Verdict, _ run: inout Run, _ host: inout Host, _ body: (inout Host) -> Void
    ) {
        body(&host)
        run.value = 1
        if run.isTracing { host.trace(TraceStep(instruction: here, verdict: verdict)) }
    }

    @inline(__always)
    private func call(_ site: Int, _ host: inout Host) -> FunctionResult {
        // The program holds its sites as long as it runs.
        self.callees[site]._withUnsafeGuaranteedRef { site in
            do throws(ParseError) {
                if site.hasVariables { return try site.body.call(site.arguments.filled { host.read($0) }, &host) }
                return try site.body.call(site.arguments, &host)
            } catch {
                host.failed(self.functions[site.function], error)
                return .no
            }
        }
    }

    /// The same call behind its answer. Arguments with variables have the values of this moment.
    private func call(_ site: Int, _ answer: Answer, _ host: inout Host) -> FunctionResult {
        let site = self.callees[site].takeUnretainedValue()
        do throws(ParseError) {
            let arguments = site.hasVariables ? try site.arguments.filled { host.read($0) } : site.arguments
            guard let resume = site.body.resume else { return try site.body.call(arguments, &host) }
            return try resume(arguments, answer, &host)
        } catch {
            host.failed(self.functions[site.function], error)
            return .no
        }
    }

    /// Where a `switch` goes on.
    private func place(_ choice: Choice, _ host: inout Host) -> Int32 {
        let value = choice.subject?.value(&host) ?? .number(Int(host.returnCode))
        for (test, target) in choice.cases {
            switch test {
            case .matches(let pattern): if value != .null, pattern.matches(value.bytes.span) { return target }
            case .equals(let wanted):
                let isEqual =
                    switch (value, wanted) {
                    case (.null, _): false
                    case (.number, _), (_, .number): value.number == wanted.number
                    default: value == wanted
                    }
                if isEqual { return target }
            }
        }
        return choice.otherwise
    }

    private static func compare(_ value: Int32, _ test: ResultTest?, _ wanted: Int32) -> Bool {
        switch test {
        case .equal: value == wanted
        case .notEqual: value != wanted
        case .less: value < wanted
        case .lessOrEqual: value <= wanted
        case .greater: value > wanted
        case .greaterOrEqual: value >= wanted
        case nil: false
        }
    }

    // MARK: Tests

    @inline(__always)
    private func test(_ instruction: Instruction, _ value: Int32, _ host: inout Host) -> Bool {
        let operand = Int(instruction.operand)
        switch instruction.operation {
        case .constant: return instruction.operand != 0
        case .testValue: return value > 0
        case .evaluate: return self.expressions[operand].isTrue(&host)
        case .testResult:
            return Self.compare(host.returnCode, ResultTest(rawValue: instruction.short), instruction.operand)
        case .testFlags: return host.flags & UInt32(bitPattern: instruction.operand) != 0
        case .textEquals, .textDiffers:
            guard let text = ScriptText(rawValue: UInt8(truncatingIfNeeded: instruction.short)) else { return false }
            let wanted = instruction.operation == .textEquals
            let constant = self.constants[operand]
            return host.withText(text) { Self.equalsIgnoringCase($0, constant.span) == wanted }
        case .textMatches:
            guard let text = ScriptText(rawValue: UInt8(truncatingIfNeeded: instruction.short)) else { return false }
            let pattern = self.patterns[operand]
            return host.withText(text) { pattern.matches($0) }
        case .statusEquals: return host.statusCode == operand
        case .statusDiffers: return host.statusCode != operand
        case .statusMatches: return self.matches(status: host.statusCode, self.patterns[operand])
        case .addressIsMyself: return host.isMyself(self.address(instruction, &host))
        case .addressIsNotMyself: return !host.isMyself(self.address(instruction, &host))
        case .addressInside: return self.networks[operand].contains(self.address(instruction, &host))
        case .addressOutside: return !self.networks[operand].contains(self.address(instruction, &host))
        case .addressMatches:
            var writer = ByteWriter()
            self.address(instruction, &host).unmapped.write(to: &writer)
            return self.patterns[operand].matches(writer.bytes.span)
        case .numberEquals: return self.number(instruction, &host) == operand
        case .numberDiffers: return self.number(instruction, &host) != operand
        case .numberLess: return self.number(instruction, &host) < operand
        case .numberLessOrEqual: return self.number(instruction, &host) <= operand
        case .numberGreater: return self.number(instruction, &host) > operand
        case .numberGreaterOrEqual: return self.number(instruction, &host) >= operand
        case .transportEquals: return Int(host.transport.rawValue) == operand
        case .transportDiffers: return Int(host.transport.rawValue) != operand
        case .familyEquals: return Int(host.source.ip.unmapped.family.rawValue) == operand
        case .familyDiffers: return Int(host.source.ip.unmapped.family.rawValue) != operand
        case .jump, .value, .block, .end, .leave, .leaveWith, .enterLoop, .loop, .choose, .assign, .exit, .drop, .call,
            .setFlags, .resetFlags, .testCall,
            .uriIsMyself, .uriIsNotMyself, .addressIsHost, .addressIsNotHost:
            return false  // Carried out above.
        }
    }

    // The host is a large struct: handed over `inout` it is an address, borrowed it would be a copy.
    @inline(__always)
    private func address(_ instruction: Instruction, _ host: inout Host) -> IPAddress {
        instruction.short == 0 ? host.source.ip : host.destination.ip
    }

    @inline(__always)
    private func number(_ instruction: Instruction, _ host: inout Host) -> Int {
        switch NumberOperand(rawValue: instruction.short) {
        case .messageLength: host.messageLength
        case .sourcePort: Int(host.source.port)
        case .destinationPort: Int(host.destination.port)
        case nil: 0
        }
    }

    private func matches(status: Int, _ pattern: PatternMatcher) -> Bool {
        guard (0...999).contains(status) else { return false }
        let digits: InlineArray<3, UInt8> = [
            ASCII.zero + UInt8(truncatingIfNeeded: status / 100),
            ASCII.zero + UInt8(truncatingIfNeeded: status / 10 % 10),
            ASCII.zero + UInt8(truncatingIfNeeded: status % 10),
        ]
        return pattern.matches(digits.span)
    }

    /// SER compares only as far as the message's value goes; that defect is not copied.
    @inline(__always)
    private static func equalsIgnoringCase(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        for place in 0..<left.count
        where ASCII.lowercased(left[unchecked: place]) != ASCII.lowercased(right[unchecked: place]) { return false }
        return true
    }
}
