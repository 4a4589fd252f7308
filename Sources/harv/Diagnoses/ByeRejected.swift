import SIPKit

extension Diagnosis {
    static let byeRejected = Diagnosis(
        "R7", "bye-rejected", .error, .certain,
        "hanging up was refused",
        sees: "calls stay up on one side",
        condition: "the final answer to a BYE is 300 or more, other than a challenge that is then satisfied",
        why: "404, 483, 478: routed wrongly; 481: the other side knows no such call; 403, 407: the server asks for "
            + "a password in the middle of a call; 408: nobody there; 500: CSeq out of order",
        remedy: "let requests with a To tag take loose_route() before anything else; never challenge them from "
            + "gateways",
        sources: "seed 001 (BYE route), 002 ch. 9 note 7; RFC 3261 sections 12.2.2, 15.1.2",
        explains: ["R22"],
        examples: [
            .yes(
                "481",
                Scene.call.replacing("BYE 200 in", "200 OK", "481 Call/Transaction Does Not Exist").replacing(
                    "BYE 200 out", "200 OK", "481 Call/Transaction Does Not Exist")),
            .no("200", Scene.call),
        ],
        .call(needs: [.answered, .byeRefused]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, let bye = facts.bye, let final = facts.byeFinal,
                context.records[final].status >= 300
            else { return nil }
            let status = Int(context.records[final].status)
            let laterSuccess = context.records.contains { $0.isAnswer(to: .bye) && $0.isSuccess }
            if [401, 407].contains(status), laterSuccess { return nil }
            let reason =
                switch status {
                case 404, 478, 482, 483: "it was routed wrongly"
                case 481: "the other side knows no such call (any more)"
                case 401, 403, 407: "the server asks for a login in the middle of a call"
                case 408: "nobody is there"
                case 500: "the CSeq was out of order"
                default: "refused"
                }
            return Evidence(
                "Hanging up failed with \(status): \(reason).", [context.number(bye), context.number(final)])
        })
}
