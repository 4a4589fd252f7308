import SIPKit

extension Diagnosis {
    static let doubleFinal = Diagnosis(
        "R29", "double-final", .error, .certain,
        "two final answers to one request",
        sees: "odd endings, double accounting",
        condition: "two different final answers leave for one transaction, other than 2xx of forks",
        why: "the script answered and relayed all the same",
        remedy: "break or exit after sl_send_reply(); do not mix sl_ and t_ replies",
        sources: "seed 002 ch. 10; 003 (t_newtran \"transaction already in process\")",
        explains: [],
        examples: [
            .yes("404 and then 200", Scene.call.inserting(.localFinal(404, "Not Found", 0.003))),
            .no("one answer", Scene.call),
        ],
        .call(needs: [.twoFinals]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts else { return nil }
            let invite = context.records[facts.lastInvite]
            let finals = context.records.indices.filter {
                let record = context.records[$0]
                return record.isAnswer(to: .invite) && record.isFinal && record.cSeq == invite.cSeq
                    && record.topBranch == invite.topBranch && context.isOut(record)
                    && record.passage != .repeated
            }
            guard let first = finals.first,
                let other = finals.first(where: { context.records[$0].status != context.records[first].status })
            else { return nil }
            return Evidence(
                "The server answered \(context.records[first].status) and then \(context.records[other].status) to the same INVITE.",
                [context.number(first), context.number(other)])
        })
}
