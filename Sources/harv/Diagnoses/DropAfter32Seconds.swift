import SIPKit

extension Diagnosis {
    static let dropAfter32Seconds = Diagnosis(
        "R4", "drop-after-32s", .error, .certain,
        "cut after 32 s, no ACK arrived",
        sees: "every call is cut after half a minute (20 or 10 s with some makers)",
        condition: "the side that answered hangs up 32 s after its 2xx (also 30, 20, 10 s), no ACK was sent towards it "
            + "and its 2xx was repeated",
        why: "RFC 3261 section 13.3.1.4: whoever answers and gets no ACK for 64 times T1 ends the call",
        remedy: "find where the ACK is lost: ack-not-forwarded, ack-never-sent, server-advertises-private",
        sources: "seed 001; RFC 3261 section 13.3.1.4",
        explains: ["R24"],
        examples: [
            .yes("the callee hangs up after 32 s, and no ACK reached it", Scene.callCutByCallee),
            .no("the caller hangs up", Scene.call),
        ],
        .call(needs: [.answered, .repeated]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, let bye = facts.bye, let answer = context.answerPair,
                context.records[bye].fromTag == context.records[answer.in].toTag,
                !context.repeats(of: answer.in).isEmpty
            else { return nil }
            let callee = context.records[answer.in].source
            guard !context.records.contains(where: { $0.isRequest(.ack) && $0.destination == callee && $0.toTag != 0 })
            else { return nil }
            let length = context.seconds(answer.in, bye)
            let isExact = abs(length - 32) <= 1
            guard isExact || [30, 20, 10].contains(where: { abs(length - $0) <= 0.5 }) else { return nil }
            return Evidence(
                "\(context.callee(facts.lastInvite)) hung up after \(NumberText.fixed(length, 0)) s because the ACK never arrived.",
                [context.number(answer.in), context.number(bye)], confidence: isExact ? .certain : .likely)
        })
}
