import SIPKit

extension Diagnosis {
    static let cancelLost = Diagnosis(
        "R30", "cancel-lost", .error, .certain,
        "rings on after the caller hung up",
        sees: "the caller hung up while it rang, but the callee's phone rings on",
        condition: "a CANCEL enters, none leaves to the ringing branch, and no final answer comes for 32 s; or it is "
            + "answered 481 while the INVITE is pending",
        why: "the CANCEL took another path than its INVITE",
        remedy: "CANCEL must reach t_relay(), with the same Request-URI, Via branch and CSeq number as the INVITE",
        sources: "seed 002 ch. 8 note 26, 001 (route[4] question); RFC 3261 section 9",
        explains: [],
        examples: [
            .yes("the CANCEL stops", Scene.cancelled.dropping("CANCEL out", "CANCEL 200 in", "final in", "final out")),
            .no("it goes on and 487 comes", Scene.cancelled),
        ],
        .call(needs: [.cancel, .relayedRequest]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, let copy = facts.inviteCopy,
                let cancel = context.records.indices.first(where: {
                    context.records[$0].isRequest(.cancel) && context.isIn(context.records[$0])
                }),
                context.wentOn(32, after: cancel), context.isTwoSided || !context.pairs.isEmpty
            else { return nil }
            let wentOut = context.records.indices.contains {
                context.records[$0].isRequest(.cancel)
                    && context.records[$0].destination == context.records[copy].destination
                    && context.isOut(context.records[$0])
            }
            guard !wentOut,
                facts.final == nil
                    || facts.status < 300 && facts.final.map({ context.seconds(cancel, $0) > 1 }) ?? false
            else { return nil }
            return Evidence(
                "The caller hung up while it rang, but the phone of \(context.callee(cancel)) keeps ringing.",
                [context.number(cancel)])
        })
}
