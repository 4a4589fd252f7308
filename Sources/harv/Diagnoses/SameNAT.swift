import SIPKit

extension Diagnosis {
    static let sameNAT = Diagnosis(
        "N5", "same-nat", .warning, .likely,
        "both phones behind one router",
        sees: "two phones in one house or office have no sound, calls to others work",
        condition: "both sides' packets come from the same public address, and sound would have to turn around inside "
            + "the router, or one side was given a private and the other a public address",
        why: "many routers do not send packets back inside that were sent to their own outside address",
        remedy: "relay media for such calls, or pass the private addresses of both when they share the public address "
            + "and the subnet",
        sources: "seed 000 (both at 223.78.240.109); RFC 6314 section 5",
        explains: [],
        examples: [
            .yes(
                "the answer names the common outside address",
                Scene.call.to("INVITE out", "203.0.113.5:5070").from("200 in", "203.0.113.5:5070").from(
                    "180 in", "203.0.113.5:5070"
                ).replacing("200 in", "IN IP4 198.51.100.7", "IN IP4 203.0.113.5").replacing(
                    "200 out", "IN IP4 192.0.2.10", "IN IP4 203.0.113.5"
                ).replacing("INVITE out", "IN IP4 192.0.2.10", "IN IP4 192.168.1.2")),
            .no(
                "the server relays for both",
                Scene.call.to("INVITE out", "203.0.113.5:5070").from("200 in", "203.0.113.5:5070").from(
                    "180 in", "203.0.113.5:5070")),
            .no("two different routers", Scene.call),
        ],
        .call(needs: [.answered, .relayedSession]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, let copy = facts.inviteCopy,
                context.records[copy].destination.ip == context.records[facts.lastInvite].source.ip,
                let answer = context.answerPair, let offered = context.session(copy)?.firstAddress,
                let answered = context.session(answer.out)?.firstAddress
            else { return nil }
            let outside = context.records[facts.lastInvite].source.ip
            guard AddressScope.isPublic(outside) else { return nil }
            let turnsAround = offered == outside || answered == outside
            let isMixed = AddressScope.isPublic(offered) != AddressScope.isPublic(answered)
            guard turnsAround || isMixed else { return nil }
            return Evidence(
                "Both phones sit behind \(outside); sound between them needs the router to send packets back inside, which many cannot.",
                [context.number(copy), context.number(answer.out)])
        })
}
