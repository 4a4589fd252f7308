import SIPKit

extension Diagnosis {
    static let ackNeverSent = Diagnosis(
        "R2", "ack-never-sent", .error, .likely,
        "caller never confirmed the answer",
        sees: "calls drop half a minute after the answer",
        condition: "a 2xx was passed to the caller, repeated, and no ACK ever came",
        why: "the caller did not get the answer, or sent its ACK past the server",
        remedy: "check where the answer's Record-Route and Contact lead (server-advertises-private, "
            + "contact-private-dialog), firewalls, and the size of the message",
        sources: "seed 001; RFC 3261 section 13.2.2.4",
        explains: ["R4", "R24"],
        examples: [
            .yes(
                "no ACK at all",
                Scene.call.dropping("ACK in", "ACK out").again("200 in", after: 0.5, 1.5, 3.5, 7.5).again(
                    "200 out", after: 0.5, 1.5, 3.5, 7.5)),
            .no("an ACK", Scene.call),
        ],
        .call(needs: [.answered, .repeated]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, facts.isAnswered, let final = facts.final, let answer = context.answerPair,
                !context.records.contains(where: {
                    $0.isRequest(.ack) && $0.cSeq == context.records[final].cSeq && $0.toTag != 0
                }),
                !context.repeats(of: answer.in).isEmpty, context.wentOn(32, after: final)
            else { return nil }
            let named =
                context.uri(answer.out, .recordRoute)?.host ?? context.uri(answer.out, .contact)?.host ?? "the callee"
            return Evidence(
                "\(context.caller(facts.lastInvite)) never confirmed the answer; it did not get the 200 or sent its ACK to \(named) instead.",
                [context.number(answer.in), context.number(answer.out)])
        })
}
