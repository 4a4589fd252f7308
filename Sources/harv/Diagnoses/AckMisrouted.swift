import SIPKit

extension Diagnosis {
    static let ackMisrouted = Diagnosis(
        "R3", "ack-misrouted", .error, .certain,
        "ACK sent to the wrong place",
        sees: "a call is answered and cut after half a minute",
        condition:
            "the ACK leaves for a place that is neither its next Route nor the address in its Request-URI nor where "
            + "the answer came from",
        why: "the callee never gets the ACK and repeats its answer until it gives up",
        remedy: "leave the Request-URI of requests in a dialog alone after loose_route(): look for rewritehost(), "
            + "lookup() and dispatcher calls that in-dialog requests run into",
        sources: "seed 002 ch. 6 note 19; RFC 3261 §16.4, §16.6",
        explains: ["R4", "R24", "R22"],
        examples: [
            .yes("the ACK leaves for another host", Scene.call.to("ACK out", "198.51.100.99:5060")),
            .no("it goes where the answer came from", Scene.call),
            .no(
                "the Route names that host",
                Scene.call.to("ACK out", "198.51.100.99:5060").adding("Route", "<sip:198.51.100.99;lr>", to: "ACK out")),
        ],
        .call(needs: [.relayedRequest, .answered]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, let ack = facts.ack, context.isIn(context.records[ack]),
                let out = context.copies(of: ack).first, let answer = context.answerPair
            else { return nil }
            let place = context.records[out].destination
            guard place.ip != context.records[answer.in].source.ip,
                !context.copies(of: facts.lastInvite).contains(where: { context.records[$0].destination.ip == place.ip }
                ), let uri = context.requestURI(out), let target = IPAddress(uri.host), target != place.ip
            else { return nil }
            if let route = context.uri(out, .route) {
                guard let next = IPAddress(route.host), next != place.ip else { return nil }
            }
            let contact = context.uri(answer.out, .contact)?.text ?? uri.text
            return Evidence(
                "The ACK was sent to \(place), the callee is at \(contact).",
                [context.number(ack), context.number(out)])
        })
}
