import SIPKit

extension Diagnosis {
    static let srtpMismatch = Diagnosis(
        "M9", "srtp-mismatch", .error, .certain,
        "encrypted sound meets plain sound",
        sees: "the call fails or is silent",
        condition: "encrypted media was offered and the answer is plain, or it was refused with 488",
        why: "RTP/SAVP and RTP/AVP do not fit together",
        remedy: "rtpengine_manage with RTP/AVP or RTP/SAVP towards the side that needs it",
        sources: "RFC 4568, 5763",
        explains: ["M1"],
        examples: [
            .yes(
                "RTP/SAVP answered with RTP/AVP",
                Scene.call.replacing("INVITE in", "RTP/AVP", "RTP/SAVP").replacing("INVITE out", "RTP/AVP", "RTP/SAVP")),
            .no("plain both ways", Scene.call),
        ],
        .call(needs: [.any(.hasSession)]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, context.plainSession(facts.inviteCopy ?? facts.lastInvite) == nil,
                let offer = context.session(facts.inviteCopy ?? facts.lastInvite),
                offer.media.contains(where: { $0.isEncrypted })
            else { return nil }
            if facts.status == 488, let final = facts.final {
                return Evidence(
                    "Encrypted sound was offered, and \(context.callee(facts.lastInvite)) refused it.",
                    [context.number(facts.lastInvite), context.number(final)])
            }
            guard let answerPlace = context.answerPair?.in ?? facts.final, let answer = context.session(answerPlace),
                answer.media.contains(where: { $0.port != 0 && !$0.isEncrypted }),
                !offer.media.contains(where: { !$0.isEncrypted })
            else { return nil }
            return Evidence(
                "Encrypted sound was offered and answered with plain sound.",
                [context.number(facts.lastInvite), context.number(answerPlace)])
        })
}
