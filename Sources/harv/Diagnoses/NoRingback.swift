import SIPKit

extension Diagnosis {
    static let noRingback = Diagnosis(
        "M6", "no-ringback", .warning, .certain,
        "silence before the answer",
        sees: "callers think that nothing happens and hang up",
        condition: "more than 4 s between INVITE and answer or CANCEL, and no 18x ever passed to the caller",
        why: "the far side does not say that it rings, or the server does not pass it on",
        remedy: "let the gateway send 180 or 183; look for answer-not-relayed",
        sources: "RFC 6076 (SRD)",
        explains: [],
        examples: [
            .yes("five seconds without a ring", Scene.call.dropping("180 in", "180 out").later(from: "200 in", by: 4)),
            .no("it rings", Scene.call.later(from: "200 in", by: 4)),
        ],
        .call(needs: [.relayedRequest]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, facts.firstRing == nil, facts.inviteCopy != nil, !facts.rang else {
                return nil
            }
            let end: Int? =
                facts.isAnswered
                ? facts.final : context.records.indices.first { context.records[$0].isRequest(.cancel) }
            guard let end, context.seconds(facts.lastInvite, end) > 4 else { return nil }
            let next = facts.inviteCopy.map { "\(context.records[$0].destination.ip)" } ?? "the callee"
            return Evidence(
                "Callers hear silence for \(NumberText.fixed(context.seconds(facts.lastInvite, end), 0)) s because \(next) sends no ringing.",
                [context.number(facts.lastInvite), context.number(end)])
        })
}
