import SIPKit

/// A script, ready to run: flat instructions, and beside them what they refer to by number. All shards share one.
final class Program<Host: ScriptHost>: Sendable {
    /// A class, so that a call counts one reference and not one for each part.
    final class Site: Sendable {
        let body: FunctionBody<Host>
        let arguments: PreparedArguments
        /// In `functions`.
        let function: Int
        /// Whether the arguments have variables in them.
        let hasVariables: Bool

        init(body: FunctionBody<Host>, arguments: PreparedArguments, function: Int, hasVariables: Bool) {
            self.body = body
            self.arguments = arguments
            self.function = function
            self.hasVariables = hasVariables
        }
    }

    /// `$var(x) = …`.
    struct Assignment: Sendable {
        let target: ScriptVariable
        /// `nil` for what the call before it returned.
        let value: ScriptExpression?
    }

    /// A `switch`: the first case that fits says where to go on.
    struct Choice: Sendable {
        enum Test: Sendable {
            case equals(ScriptValue)
            case matches(PatternMatcher)
        }
        /// `nil` for what the call before it returned.
        let subject: ScriptExpression?
        var cases: [(test: Test, target: Int32)]
        var otherwise: Int32
    }

    let dialect: Dialect
    let instructions: [Instruction]
    /// What holds the calls; ``callees`` are the same, to be used without counting references.
    let sites: [Site]
    let callees: [Unmanaged<Site>]
    let functions: [ScriptFunction]
    /// Texts to compare with.
    let constants: [[UInt8]]
    let patterns: [PatternMatcher]
    let networks: [NetworkPrefix]
    let expressions: [ScriptExpression]
    let assignments: [Assignment]
    let choices: [Choice]
    /// How many `while` there are.
    let loopCount: Int
    /// Rounds that one of them may have (`max_while_loops`).
    let mostRounds: Int
    /// Where each block begins, by `BlockID`.
    let entries: [Int32]
    /// What each instruction was in the source.
    let ranges: [SourceRange]
    let script: LoadedScript

    /// - Returns: `nil` for a script with errors, or one that calls what this host has no body for.
    init?(_ script: LoadedScript) {
        guard !script.hasErrors, let compiled = Compiler<Host>.compile(script) else { return nil }
        self.dialect = script.checked.dialect
        self.instructions = compiled.instructions
        self.sites = compiled.sites
        self.callees = compiled.sites.map { Unmanaged.passUnretained($0) }
        self.functions = compiled.functions
        self.constants = compiled.constants
        self.patterns = compiled.patterns
        self.networks = compiled.networks
        self.expressions = compiled.expressions
        self.assignments = compiled.assignments
        self.choices = compiled.choices
        self.loopCount = compiled.loopCount
        let rounds = script.checked.global("max_while_loops").last?.integer ?? 100
        self.mostRounds = rounds > 0 ? Swift.min(rounds, 100_000) : 100_000
        self.entries = compiled.entries
        self.ranges = compiled.ranges
        self.script = script
    }

    /// The block of a kind and a name; the main block has none.
    func block(_ kind: BlockKind, named name: String = "") -> BlockID? { self.script.checked.block(kind, named: name) }

    /// `failure_route[1]`, as the script has it.
    func head(of block: BlockID) -> String {
        let blocks = self.script.checked.blocks
        guard blocks.indices.contains(Int(block.index)) else { return "" }
        return self.script.sources.text(blocks[Int(block.index)].head)
    }

    /// The main block: what every request runs.
    var main: BlockID? { self.block(.request) }

    /// A run that begins at a block.
    func run(_ block: BlockID, tracing: Bool = false) -> Run {
        let entry = self.entries.indices.contains(Int(block.index)) ? self.entries[Int(block.index)] : -1
        return Run(at: entry, tracing: tracing)
    }

    /// File, line and column of an instruction.
    func location(of instruction: Int32) -> SourceLocation {
        guard self.ranges.indices.contains(Int(instruction)) else {
            return SourceLocation(file: "", line: 0, column: 0)
        }
        return self.script.sources.location(of: self.ranges[Int(instruction)])
    }

    /// Whether an instruction calls a function, so that there is a number which it returned.
    func isCall(_ instruction: Int32) -> Bool {
        guard self.instructions.indices.contains(Int(instruction)) else { return false }
        let operation = self.instructions[Int(instruction)].operation
        return operation == .call || operation == .testCall
    }

    /// The text of an instruction, for the route trace: `method=="INVITE"`.
    func text(of instruction: Int32) -> String {
        guard self.ranges.indices.contains(Int(instruction)) else { return "" }
        return self.script.sources.text(self.ranges[Int(instruction)])
    }
}
