import SIPKit

extension Diagnosis {
    static let retransReply = Diagnosis(
        "R24", "retrans-reply", .warning, .certain,
        "200 repeated for want of an ACK",
        sees: "answers come several times",
        condition: "the side that answered an INVITE repeats its 2xx",
        why: "no ACK reached it in time",
        remedy: "see ack-not-forwarded and ack-never-sent",
        sources: "seed 001; RFC 3261 section 13.3.1.4",
        explains: [],
        examples: [
            .yes("200 twice", Scene.call.later(from: "ACK in", by: 1).again("200 in", after: 0.5)),
            .no("once", Scene.call),
        ],
        .call(needs: [.answered, .repeated]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, let answer = context.answerPair else { return nil }
            let repeats = context.repeats(of: answer.in)
            guard !repeats.isEmpty else { return nil }
            let count = repeats.count
            return Evidence(
                "\(context.callee(facts.lastInvite)) repeated its 200 OK \(count) times because no ACK came in time.",
                [context.number(answer.in)])
        })
}
