import SIPKit

extension Diagnosis {
    static let lateOffer = Diagnosis(
        "M4", "late-offer", .info, .certain,
        "the offer came with the answer",
        sees: "no media relay although the script handles INVITEs",
        condition: "an INVITE without a session description and an offer in the 2xx; an error when the ACK then has no "
            + "answer",
        why: "relays and NAT tests that only look at INVITEs miss it",
        remedy: "run the media part for 200 and ACK too",
        sources: "RFC 3264; seed 002 ch. 8 (only INVITE and 200 handled)",
        explains: [],
        examples: [
            .yes("the ACK has no answer", Scene.call.body("INVITE in", "").body("INVITE out", "")),
            .no("the offer is in the INVITE", Scene.call),
        ],
        .call(needs: [.answered, .any(.hasSession)]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, facts.isAnswered,
                !context.records[facts.lastInvite].traits.contains(.hasBody), let final = facts.final,
                context.session(final) != nil
            else { return nil }
            if let ack = facts.ack, !context.records[ack].traits.contains(.hasBody) {
                return Evidence(
                    "The sound was offered in the 200, and the ACK has no answer to it: no sound.",
                    [context.number(final), context.number(ack)], severity: .error)
            }
            return Evidence(
                "The sound was agreed in 200 and ACK; the media relay must handle those messages too.",
                [context.number(final)])
        })
}
