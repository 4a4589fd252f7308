import SIPKit

extension Diagnosis {
    static let noProvisional = Diagnosis(
        "R20", "no-provisional", .warning, .certain,
        "100 Trying comes too late",
        sees: "callers repeat their INVITEs",
        condition: "an INVITE enters, no answer leaves within 200 ms, and the caller repeats it",
        why: "RFC 3261 section 17.2.1: whoever cannot answer within 200 ms says 100 Trying",
        remedy: "a stateful relay (t_relay sends 100 at once; auto_inv_100), t_newtran() before slow lookups, more "
            + "children, a faster database or DNS",
        sources: "seed 002 ch. 7 note 12; RFC 3261 section 17.2.1",
        explains: ["R22"],
        examples: [
            .yes(
                "the 100 leaves after 0.8 s", Scene.call.later(from: "100 out", by: 0.8).again("INVITE in", after: 0.5)),
            .no("the 100 leaves at once", Scene.call.again("INVITE in", after: 0.5)),
        ],
        .call(needs: [.repeated]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, context.isIn(context.records[facts.firstInvite]) else { return nil }
            for place in [facts.firstInvite, facts.lastInvite] {
                let repeats = context.repeats(of: place)
                guard context.isIn(context.records[place]), !repeats.isEmpty,
                    let first = context.answers(to: place).first,
                    context.seconds(place, first) > 0.2,
                    context.records[repeats[0]].time < context.records[first].time
                else { continue }
                return Evidence(
                    "The server takes \(NumberText.fixed(context.seconds(place, first) * 1000, 0)) ms for its first answer, so callers repeat their INVITEs (\(repeats.count) times here).",
                    [context.number(place), context.number(first)])
            }
            return nil
        })
}
