import SIPKit

extension Diagnosis {
    static let dtmfMissing = Diagnosis(
        "M8", "dtmf-missing", .notice, .certain,
        "keys will not travel as events",
        sees: "voice menus do not react to keys",
        condition: "the offer has telephone-event and the answer has not",
        why: "keys then travel in the voice, where compression destroys them, or by INFO",
        remedy: "switch RFC 4733 events on in the answering device",
        sources: "RFC 4733",
        explains: [],
        examples: [
            .yes(
                "the answer has none", Scene.call.replacing("200 in", "0 101", "0").replacing("200 out", "0 101", "0")),
            .no("both have it", Scene.call),
        ],
        .call(needs: [.answered, .any(.hasSession)]) { (context: CallContext) -> Evidence? in
            if let (offer, answer) = context.plainOfferAndAnswer, !offer.hasTones || answer.hasTones { return nil }
            guard let (offerPlace, answerPlace) = context.offerAndAnswer, let offer = context.session(offerPlace),
                let answer = context.session(answerPlace),
                offer.hasTones, !answer.hasTones, answer.hasVoice({ _ in true })
            else { return nil }
            return Evidence(
                "\(context.agent(answerPlace)) answers without telephone-event: keys travel in the voice or by INFO.",
                [context.number(offerPlace), context.number(answerPlace)])
        })
}
