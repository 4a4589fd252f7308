import SIPKit

extension Diagnosis {
    static let authInDialog = Diagnosis(
        "A15", "auth-in-dialog", .warning, .certain,
        "login asked in mid-call",
        sees: "gateways cannot hang up",
        condition: "the server challenges BYE, ACK, PRACK, or a re-INVITE, and no request with credentials follows",
        why: "ACK and CANCEL can never be challenged (RFC 3261 section 22.1), and a gateway has no password",
        remedy: "allow_trusted() in the loose_route() block too",
        sources: "seed 002 ch. 9 note 7",
        explains: ["R7"],
        examples: [
            .yes(
                "a BYE gets 407",
                Scene.call.dropping("BYE out", "BYE 200 in").replacing(
                    "BYE 200 out", "200 OK", "407 Proxy Authentication Required")),
            .no("a BYE gets 200", Scene.call),
            .no(
                "a challenged INVITE is not in the trace, its ACK is",
                Scene.call.dropping("INVITE in").copying("180 out", as: "407 out", at: 0.002).replacing(
                    "407 out", "180 Ringing", "407 Proxy Authentication Required"
                ).copying("ACK in", as: "ACK of the 407 in", at: 0.003).replacing(
                    "ACK of the 407 in", "z9hG4bK-p2", "z9hG4bK-p1")),
        ],
        .conversation(needs: [.challenge, .inDialog]) { (context: CallContext) -> Evidence? in
            for place in context.records.indices
            where [401, 407].contains(context.records[place].status) && context.isOut(context.records[place]) {
                let answer = context.records[place]
                guard
                    let request = context.records.indices.first(where: {
                        context.records[$0].isRequest && context.records[$0].topBranch == answer.topBranch
                            && context.records[$0].toTag != 0 && context.records[$0].cSeq == answer.cSeq
                            // The ACK for a challenge has a To tag, and its branch is the challenged INVITE's.
                            && context.records[$0].method == answer.method
                    }),
                    [.bye, .ack, .prack, .invite, .update].contains(answer.method),
                    !context.wentOn(behindChallenge: place),
                    !context.records.contains(where: {
                        $0.isRequest && $0.method == answer.method && $0.time > answer.time
                            && $0.traits.contains(.hasCredentials)
                    })
                else { continue }
                return Evidence(
                    "\(context.records[request].source) is asked for a password in the middle of a call and gave none (\(answer.method.name)).",
                    [context.number(request), context.number(place)])
            }
            return nil
        })
}
