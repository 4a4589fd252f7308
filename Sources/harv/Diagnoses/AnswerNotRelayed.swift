import SIPKit

extension Diagnosis {
    static let answerNotRelayed = Diagnosis(
        "R5", "answer-not-relayed", .error, .certain,
        "an answer stopped at the server",
        sees: "callers hear nothing and give up although the other side answered",
        condition: "a final answer comes in for a request that the server relayed, no copy leaves, no other answer was "
            + "given, and the request or the answer is repeated",
        why: "the server lost the answer or threw it away",
        remedy: "look in onreply_route for drop(), at a topmost Via that is not the server's, at answers larger than "
            + "the buffer",
        sources: "seed 003 (stateful processing); RFC 3261 section 16.7",
        explains: ["R22", "R24", "R20"],
        examples: [
            .yes(
                "the 200 stops at the server and is repeated",
                Scene.call.dropping("200 out", "ACK in", "ACK out", "BYE in", "BYE out", "BYE 200 in", "BYE 200 out")
                    .again("200 in", after: 0.5, 1.5)),
            .no(
                "the server had given up already and answered 408 itself",
                Scene.refused(487, "Request Terminated").replacing(
                    "final out", "487 Request Terminated", "408 Request Timeout"
                ).at("final out", 1.9)),
        ],
        .call(needs: [.relayed, .repeated]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, let copy = facts.inviteCopy, context.isTwoSided || !context.pairs.isEmpty
            else { return nil }
            let invite = context.records[facts.lastInvite]
            for place in context.records.indices
            where context.records[place].isAnswer(to: .invite) && context.records[place].isFinal {
                let answer = context.records[place]
                guard answer.isFirst, context.isIn(answer), answer.cSeq == invite.cSeq,
                    answer.topBranch == context.records[copy].topBranch,
                    context.copies(of: place).isEmpty, context.wentOn(1, after: place),
                    !context.records.contains(where: {
                        $0.isAnswer(to: .invite) && $0.isFinal && $0.cSeq == invite.cSeq
                            && $0.viaCount == invite.viaCount
                    }),
                    !context.repeats(of: place).isEmpty || !context.repeats(of: facts.lastInvite).isEmpty
                else { continue }
                return Evidence(
                    "The \(answer.status) of \(context.callee(place)) reached the server but was not passed to \(context.caller(place)).",
                    [context.number(place)])
            }
            return nil
        })
}
