import SIPKit

/// How a run of the script ended.
enum PolicyOutcome {
    case finished
    /// It waits for an answer and goes on later.
    case waits(ParkedRun)
}

struct ParkedRun {}

/// The script, as the engine sees it.
struct Policy {
    let processID: Int32
    let logger: ProxyLog

    static func standard(_ log: ProxyLog, settings: ProxySettings) -> Policy { Policy(processID: 1, logger: log) }

    func route(_ context: inout RouteContext) -> PolicyOutcome {
        let none = PreparedArguments.none
        let loc = PreparedArguments(values: [.text(Array("location".utf8))])
        if case .no = try! FunctionBodies.processMaxForwards.call(PreparedArguments(values: [.integer(70)]), &context) { context.reply(483, "Too Many Hops"); return .finished }
        if context.index.method == .options, context.isMyself(.request) == true { context.reply(200, "OK"); return .finished }
        if case .yes = try! FunctionBodies.hasToTag.call(none, &context) {
            if case .yes? = try? FunctionBodies.looseRoute.call(none, &context) { _ = try? FunctionBodies.tRelay.call(none, &context); return .finished }
            if context.index.method == .ack { return .finished }
            context.reply(404, "Not here"); return .finished
        }
        if context.index.method == .cancel { if context.inviteTransaction != nil { _ = try? FunctionBodies.tRelay.call(none, &context) }; return .finished }
        if context.index.method == .register { _ = try? FunctionBodies.save.call(loc, &context); return .finished }
        if context.index.method == .invite { _ = try? FunctionBodies.recordRoute.call(none, &context) }
        if context.isMyself(.request) == true {
            if case .yes? = try? FunctionBodies.lookup.call(loc, &context) {} else { context.reply(404, "Not Found"); return .finished }
        }
        _ = try? FunctionBodies.tRelay.call(none, &context)
        return .finished
    }

    func run(_ block: BlockID, _ context: inout RouteContext) {}

    func log(_ level: Int, _ text: ArraySlice<UInt8>) { self.logger.script(level, text) }
}

extension Shard {
    mutating func park(_ run: ParkedRun) {}
}
