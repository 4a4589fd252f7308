import SIPKit

extension Diagnosis {
    static let noBye = Diagnosis(
        "R8", "no-bye", .warning, .possible,
        "answered and never hung up",
        sees: "lengths of calls are unknown",
        condition: "an answered call has no BYE for four hours and the trace goes on",
        why: "the BYE took another way, or was lost",
        remedy: "record_route() on INVITEs; look for devices that lost power or network",
        sources: "seed 003 Accounting; 002 ch. 4 (a server keeps no call state)",
        explains: [],
        examples: [
            .yes(
                "no BYE, and five hours pass",
                Scene.call.dropping("BYE in", "BYE out", "BYE 200 in", "BYE 200 out").inserting(.lateOptions(18_000))),
            .no("the trace ends", Scene.call.dropping("BYE in", "BYE out", "BYE 200 in", "BYE 200 out")),
        ],
        .call(needs: [.answered]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, facts.isAnswered, facts.bye == nil, let final = facts.final,
                context.wentOn(14_400, after: final)
            else { return nil }
            return Evidence(
                "The call of \(context.caller(facts.lastInvite)) to \(context.callee(facts.lastInvite)) was never hung up in this trace.",
                [context.number(final)])
        })
}
