import SIPKit

/// Notes the steps of a run while a trace is on, and what each of them changed.
///
/// It compares the message before and behind every step, which costs far more than the step: it is made only for a run
/// that is traced, and a message that is not traced has none.
struct RouteRecorder {
    private(set) var steps: [(step: TraceStep, value: Int32, changes: [String])] = []
    private var lines: [String]
    private var state: [(name: String, value: String)]
    private var effectCount: Int

    init(_ context: borrowing RouteContext) {
        self.lines = Self.lines(context)
        self.state = Self.state(context)
        self.effectCount = context.effects.count
    }

    mutating func note(_ step: TraceStep, _ context: borrowing RouteContext) {
        guard self.steps.count < Self.most else { return }
        var changes: [String] = []
        let state = Self.state(context)
        for (old, new) in zip(self.state, state) where old.value != new.value {
            changes.append(
                "\(new.name): \(old.value.isEmpty ? "" : old.value + " ")→ \(new.value.isEmpty ? "none" : new.value)")
        }
        let lines = Self.lines(context)
        if lines != self.lines {
            var gone = self.lines
            for line in lines { if let place = gone.firstIndex(of: line) { gone.remove(at: place) } }
            var new = lines
            for line in self.lines { if let place = new.firstIndex(of: line) { new.remove(at: place) } }
            changes += gone.map { "- \($0)" } + new.map { "+ \($0)" }
        }
        changes += (self.effectCount..<Swift.max(self.effectCount, context.effects.count)).map {
            "wants: \(context.words(context.effects[$0]))"
        }
        self.steps.append((step, context.returnCode, changes))
        self.lines = lines
        self.state = state
        self.effectCount = context.effects.count
    }

    /// A script that goes in circles is cut off here.
    static let most = 10_000

    /// The lines of the message as it would go out now, without the start line.
    private static func lines(_ context: borrowing RouteContext) -> [String] {
        let bytes = context.edits.apply(to: context.memory.span.copy(ByteRange(0, context.memory.count)))
        return bytes.split(separator: ASCII.lf).dropFirst().map { line in
            Printable.text(Array(line.last == ASCII.cr ? line.dropLast() : line))
        }
    }

    /// What else of a message steers it.
    private static func state(_ context: borrowing RouteContext) -> [(name: String, value: String)] {
        func text(_ bytes: [UInt8]) -> String { Printable.text(bytes) }
        let flags = (0..<32).filter { context.flags & (1 << UInt32($0)) != 0 }.map { String($0) }
        let branches = (0..<context.appended.count).map { text(context.appended.uri($0)) }
        let attributes = context.attributes.pairs.map { "\($0.name) = \(text($0.value.text))" }
        let variables = context.variables.map { "\(text($0.name)) = \(text($0.value.bytes))" }
        return [
            ("Request-URI", context.index.isRequest ? text(context.requestURIBytes) : ""),
            ("next hop", text(context.destinationURI)), ("branches", branches.joined(separator: ", ")),
            ("flags", flags.joined(separator: " ")), ("AVPs", attributes.joined(separator: ", ")),
            ("variables", variables.joined(separator: ", ")),
        ]
    }
}

extension RouteContext {
    /// An effect as a person reads it.
    borrowing func words(_ effect: Effect) -> String {
        func text(_ range: ByteRange) -> String { Printable.text(Array(self.texts[range.indices])) }
        switch effect {
        case .reply(let status, let reason, _, let isStateful):
            return "reply \(status) \(text(reason))" + (isStateful ? ", through the transaction" : "")
        case .relay: return "relay"
        case .forwardStateless: return "forward without state"
        case .createTransaction: return "make a transaction"
        case .cancelInvite: return "cancel the branches of the INVITE"
        case .replicate(let target): return "send a copy to \(text(target))"
        case .send(let target): return "send as it came to \(text(target))"
        case .releaseTransaction: return "end the transaction"
        case .log(let level, let range): return "log at level \(level): \(text(range))"
        }
    }

    /// What the recorder has noted, with the places in the script.
    borrowing func trace(_ program: Program<RouteContext>, _ block: String) -> RouteTrace {
        let bytes = self.memory.span
        func printable(_ range: ByteRange) -> String { Printable.text(bytes.copy(range)) }
        let end = bytes.firstIndex(of: ASCII.cr, in: ByteRange(0, bytes.count)) ?? bytes.count
        var trace = RouteTrace(
            block: block, time: self.wallTime, source: "\(self.peer.transport):\(self.peer.address)",
            startLine: printable(ByteRange(0, end)), callID: printable(self.callID))
        for (step, value, changes) in self.recorder?.steps ?? [] {
            trace.steps.append(
                RouteTrace.Step(
                    place: program.location(of: step.instruction), text: program.text(of: step.instruction),
                    verdict: step.verdict, value: program.isCall(step.instruction) ? value : nil, changes: changes))
        }
        for effect in self.effects { trace.effects.append(self.words(effect)) }
        if self.isDropped { trace.effects.append("drop") }
        return trace
    }
}
