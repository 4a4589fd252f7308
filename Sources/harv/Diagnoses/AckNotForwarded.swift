import SIPKit

extension Diagnosis {
    static let ackNotForwarded = Diagnosis(
        "R1", "ack-not-forwarded", .error, .certain,
        "ACK kept by the server",
        sees: "a call is answered, sound may even work, then it is cut after 10 to 32 s; phones resend 200 OK",
        condition: "an ACK for a 2xx enters the server and no copy leaves, while the 2xx was relayed; and the callee's "
            + "2xx is repeated behind it (RFC 3261 section 13.3.1.4): else it got there, and the trace lacks it",
        why: "the callee repeats its answer until it gives up",
        remedy: "the ACK must run into loose_route() and t_relay(). Look for record_route() missing on the INVITE, a "
            + "device that drops ;lr, a has_totag() block that only handles INVITE, a server that does not know its "
            + "own address in Route (alias, listen), ACK handled with t_check_trans() only",
        sources: "seed 001 \"kamailio doesn't forward the ACK\", 002 ch. 6 notes 19-26, ch. 1",
        explains: ["R4", "R24", "R22", "R2"],
        examples: [
            .yes(
                "the ACK stops and the callee repeats its 200",
                Scene.call.dropping("ACK out").again("200 in", after: 0.5, 1.5, 3.5)),
            .no("the ACK goes on", Scene.call),
            .no("the copy of the ACK is not in the trace, and the callee has it", Scene.call.dropping("ACK out")),
            .no(
                "a capture of one side, where all copies are missing",
                Scene.call.dropping("INVITE out", "180 out", "200 out", "ACK out", "BYE out", "BYE 200 out")),
        ],
        .call(needs: [.answered, .relayedRequest, .relayedAnswer]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, let ack = facts.ack, context.isTwoSided,
                context.isIn(context.records[ack]),
                context.copies(of: ack).isEmpty, context.wentOn(1, after: ack), let answer = context.answerPair,
                !context.servers.contains(where: { "\($0.ip)" == context.requestURI(ack)?.host })
            else { return nil }
            let isRepeated = context.repeats(of: answer.in).contains {
                context.records[$0].time > context.records[ack].time
            }
            guard isRepeated else { return nil }
            return Evidence(
                "The server kept the ACK of \(context.caller(ack)) to itself; \(context.callee(ack)) never learns that the call is up and will hang up.",
                [context.number(answer.in), context.number(ack)])
        })
}
