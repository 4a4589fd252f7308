import SIPKit

extension Diagnosis {
    static let answerNoCommonCodec = Diagnosis(
        "M2", "answer-no-common-codec", .error, .certain,
        "answer has no codec of the offer",
        sees: "the call is answered, silence both ways",
        condition: "an answer's audio stream shares no codec (name and clock) with the offer it answers",
        why: "the answering device breaks RFC 3264 section 6; look at what it may have disliked in the offer",
        remedy: "enable a codec that both devices have; see rtpmap-invalid for why the offer was not understood",
        sources: "seed 000 (offer 0 8 4 18 2 15 99, answer 3); RFC 3264",
        explains: ["M3"],
        examples: [
            .yes(
                "GSM for an offer of PCMU and PCMA",
                Scene.call.replacing("200 in", "RTP/AVP 0 101", "RTP/AVP 3 101").replacing(
                    "200 out", "RTP/AVP 0 101", "RTP/AVP 3 101")),
            .no("a codec of the offer", Scene.call),
            .no(
                "another payload number for a codec of the same name",
                Scene.call.replacing("200 in", "RTP/AVP 0 101", "RTP/AVP 97 101").replacing(
                    "200 in", "a=rtpmap:0 PCMU/8000", "a=rtpmap:97 PCMU/8000"
                ).replacing("200 out", "RTP/AVP 0 101", "RTP/AVP 97 101").replacing(
                    "200 out", "a=rtpmap:0 PCMU/8000", "a=rtpmap:97 PCMU/8000")),
        ],
        .call(needs: [.answered, .any(.hasSession)]) { (context: CallContext) -> Evidence? in
            if let (offer, answer) = context.plainOfferAndAnswer, offer.codecs & answer.codecs != 0 { return nil }
            guard let facts = context.facts, let (offerPlace, answerPlace) = context.offerAndAnswer,
                let offer = context.session(offerPlace), let answer = context.session(answerPlace)
            else { return nil }
            let common = answer.hasVoice { codec in
                offer.hasVoice { $0.name == codec.name && $0.clock == codec.clock }
            }
            guard !common else { return nil }
            let (offered, answered) = (offer.audioCodecs, answer.audioCodecs)
            guard !offered.isEmpty, !answered.isEmpty else { return nil }
            // An unknown dynamic payload could be anything.
            guard !answered.contains(where: { $0.name.isEmpty }), !offered.contains(where: { $0.name.isEmpty }) else {
                return nil
            }
            let names = { (codecs: [SessionFacts.Codec]) in codecs.map(\.name).joined(separator: ", ") }
            return Evidence(
                "\(context.callee(facts.lastInvite)) answered with \(names(answered)), which \(context.caller(facts.lastInvite)) did not offer "
                    + "(\(names(offered))), so neither can understand the other.",
                [context.number(offerPlace), context.number(answerPlace)])
        })
}
