import SIPKit

extension Diagnosis {
    static let byeNotForwarded = Diagnosis(
        "R6", "bye-not-forwarded", .error, .certain,
        "the hang-up stopped at the server",
        sees: "gateway lines stay busy, call records are too long",
        condition: "a BYE enters, is repeated, no copy leaves and the server did not answer it",
        why: "the other side still thinks that the call is up, and somebody pays for it",
        remedy: "BYE must take the loose_route() path; keep record_route() on INVITEs so that BYE comes through at "
            + "all",
        sources: "seed 002 ch. 9 (closing words), 003 Accounting",
        explains: ["R22", "R8"],
        examples: [
            .yes(
                "the BYE stops and is repeated",
                Scene.call.dropping("BYE out", "BYE 200 in", "BYE 200 out").again("BYE in", after: 0.5, 1.5)),
            .no(
                "the server refuses it, which is bye-rejected",
                Scene.call.dropping("BYE out", "BYE 200 in").replacing("BYE 200 out", "200 OK", "404 Not Found")),
            .no("the BYE goes on", Scene.call),
        ],
        .call(needs: [.answered, .repeated]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, let bye = facts.bye, context.isTwoSided,
                context.isIn(context.records[bye]),
                context.copies(of: bye).isEmpty, context.answers(to: bye).isEmpty, !context.repeats(of: bye).isEmpty,
                !context.records.contains(where: {
                    $0.isAnswer(to: .bye) && $0.bottomBranch == context.records[bye].bottomBranch
                }),
                context.wentOn(1, after: bye)
            else { return nil }
            let other =
                context.records[bye].fromTag == context.records[facts.lastInvite].fromTag
                ? context.callee(bye) : context.caller(bye)
            return Evidence(
                "The hang-up stopped at the server; \(other) still thinks the call is up.", [context.number(bye)])
        })
}
