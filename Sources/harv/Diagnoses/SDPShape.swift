import SIPKit

extension Diagnosis {
    static let sdpShape = Diagnosis(
        "M11", "sdp-shape", .warning, .certain,
        "an answer of the wrong shape",
        sees: "video or second streams fail, some devices refuse",
        condition: "an answer has another number of m= lines than its offer, or no c= at all; info when a version is "
            + "raised without a change",
        why: "RFC 3264 sections 5 to 8: streams correspond by their place",
        remedy: "update the answering device",
        sources: "RFC 3264; seed 000 (o= version raised without change: info)",
        explains: [],
        examples: [
            .yes(
                "two streams for one",
                Scene.call.replacing("200 in", "a=sendrecv", "m=video 6002 RTP/AVP 31\r\na=sendrecv").replacing(
                    "200 out", "a=sendrecv", "m=video 6002 RTP/AVP 31\r\na=sendrecv")),
            .no("one for one", Scene.call),
        ],
        .call(needs: [.answered, .any(.hasSession)]) { (context: CallContext) -> Evidence? in
            // Plain SDP has one stream and say where to send: only a raised version is left to see.
            if let facts = context.facts, context.plainOfferAndAnswer != nil,
                facts.firstInvite == facts.lastInvite
                    || !context.records[facts.firstInvite].traits.contains(.hasSession)
                    || context.plainSession(facts.firstInvite)?.origin
                        == context.records[facts.lastInvite].sketch.origin
            {
                return nil
            }
            guard let (offerPlace, answerPlace) = context.offerAndAnswer, let offer = context.session(offerPlace),
                let answer = context.session(answerPlace)
            else { return nil }
            if offer.media.count != answer.media.count {
                return Evidence(
                    "\(context.agent(answerPlace)) answered \(offer.media.count) streams with \(answer.media.count).",
                    [context.number(offerPlace), context.number(answerPlace)])
            }
            if answer.active.count < answer.media.filter({ $0.port != 0 }).count,
                answer.media.contains(where: { $0.port != 0 && !answer.hasConnection($0) })
            {
                return Evidence(
                    "\(context.agent(answerPlace)) answered without saying where to send (no c= line).",
                    [context.number(answerPlace)])
            }
            if let facts = context.facts, facts.firstInvite != facts.lastInvite,
                let first = context.session(facts.firstInvite), let last = context.session(facts.lastInvite),
                first.originVersion != last.originVersion, first.origin == last.origin, first.media == last.media
            {
                return Evidence(
                    "\(context.agent(facts.lastInvite)) raised the version of its description without a change.",
                    [context.number(facts.firstInvite), context.number(facts.lastInvite)], severity: .info)
            }
            return nil
        })
}
