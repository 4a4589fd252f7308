import SIPKit

extension Diagnosis {
    static let mediaRelayOneSide = Diagnosis(
        "N3", "media-relay-one-side", .error, .certain,
        "sound relayed for one side only",
        sees: "sound one way only; the relay shows a session with one leg",
        condition: "in one offer and answer the server changed the media address of exactly one of them",
        why: "a relay has to stand in both descriptions, or one side sends past it",
        remedy: "both requests and replies must call the relay with the same Call-ID; a relay that is asked only in "
            + "the reply finds no session and changes nothing",
        sources: "seed 002 ch. 4, ch. 8 notes 22-24, 40-45",
        explains: ["N18"],
        examples: [
            .yes(
                "the answer passes unchanged",
                Scene.call.replacing("200 out", "IN IP4 192.0.2.10", "IN IP4 198.51.100.7")),
            .no("both are changed", Scene.call),
            .no("the answer's copy was not captured", Scene.call.dropping("200 out")),
            .no(
                "only the inside address was put right, and the other side is public",
                Scene.call.replacing("INVITE out", "IN IP4 192.0.2.10", "IN IP4 203.0.113.5").replacing(
                    "200 out", "IN IP4 192.0.2.10", "IN IP4 198.51.100.7")),
        ],
        .call(needs: [.answered, .relayedSession]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, let copy = facts.inviteCopy, !context.changesBothOrNone(facts, copy),
                let offerIn = context.session(facts.lastInvite),
                let offerOut = context.session(copy), let answer = context.answerPair,
                // Where the answer's copy was not captured, nobody knows what became of it.
                answer.in != answer.out,
                let answerIn = context.session(answer.in),
                let answerOut = context.session(answer.out), let a = offerIn.firstAddress,
                let b = offerOut.firstAddress,
                let c = answerIn.firstAddress, let d = answerOut.firstAddress, (a != b) != (c != d)
            else { return nil }
            let (changed, from, unchanged) =
                a != b
                ? (b, context.records[facts.lastInvite].source.ip, c) : (d, context.records[answer.in].source.ip, a)
            if changed == unchanged { return nil }
            if changed == from, AddressScope.isPublic(unchanged) { return nil }
            let (relayed, direct) =
                a != b ? (context.caller(copy), context.callee(copy)) : (context.callee(copy), context.caller(copy))
            return Evidence(
                "Sound for \(relayed) goes through the relay \(changed), sound for \(direct) does not.",
                [
                    context.number(facts.lastInvite), context.number(copy), context.number(answer.in),
                    context.number(answer.out),
                ])
        })
}

extension CallContext {
    /// Whether offer and answer are plain, and the server changed the addresses of both or of neither.
    func changesBothOrNone(_ facts: CallFacts, _ copy: Int) -> Bool {
        guard let pair = self.answerPair, let offerIn = self.plainSession(facts.lastInvite),
            let offerOut = self.plainSession(copy), let answerIn = self.plainSession(pair.in),
            let answerOut = self.plainSession(pair.out)
        else { return false }
        return (offerIn.address != offerOut.address) == (answerIn.address != answerOut.address)
    }
}
