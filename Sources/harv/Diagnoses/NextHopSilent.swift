import SIPKit

extension Diagnosis {
    static let nextHopSilent = Diagnosis(
        "R27", "next-hop-silent", .error, .certain,
        "no answer, or only 100 Trying",
        sees: "calls fail after half a minute or a minute of silence",
        condition: "the server gave up on an INVITE, and the next hop had sent nothing, or only 100 Trying",
        why: "nothing: the host is down or behind a closed door; only 100: it lives, but what lies behind it does "
            + "not",
        remedy: "take the host out of dispatcher or LCR, DNS SRV with a second server, t_on_failure to the next "
            + "gateway, probing by OPTIONS",
        sources: "seed 003 Reliability; RFC 3261 section 16.8",
        explains: ["R23", "R28", "R39"],
        examples: [
            .yes("six times into silence, then 408", Scene.deadHop),
            .yes("100 Trying and nothing else", Scene.deadHop.inserting(.trying(0.2))),
            .no("it rang", Scene.refused(408, "Request Timeout")),
        ],
        .call(needs: [.relayedRequest]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, let copy = facts.inviteCopy, context.isOut(context.records[copy]) else {
                return nil
            }
            let replies = context.records.indices.filter {
                context.records[$0].isAnswer(to: .invite)
                    && context.records[$0].topBranch == context.records[copy].topBranch
                    && context.isIn(context.records[$0])
            }
            guard replies.allSatisfy({ context.records[$0].status == 100 }) else { return nil }
            // An ACK on that hop, or from a caller to whom no answer is in the trace: there was one.
            let isAcknowledged = context.records.contains {
                $0.isRequest(.ack) && $0.cSeq == context.records[copy].cSeq
                    && ($0.topBranch == context.records[copy].topBranch || facts.final == nil)
            }
            guard !isAcknowledged else { return nil }
            let gaveUp =
                facts.final.map {
                    [408, 480, 500, 503, 504].contains(Int(context.records[$0].status)) && context.records[$0].isFirst
                } ?? false
            // A caller who hangs up at once has not given the next hop a chance.
            guard gaveUp || (facts.final == nil && context.wentOn(64, after: copy)) else { return nil }
            let end = facts.final ?? (context.records.count - 1)
            // Who gave up at once did not wait for an answer: it could not send, or was told that nobody is there.
            guard !context.hasTimes || context.seconds(copy, end) >= 1 else { return nil }
            // A phone whose router may have closed its door is no dead host: N14 is the better guess.
            let isQuietPhone = (context.quiet ?? 0) > 60_000_000_000 && context.conversation.quietPeerIsBehindNAT
            let what = replies.isEmpty ? "never answered" : "said 100 Trying and nothing else"
            return Evidence(
                "\(context.records[copy].destination) \(what) for \(NumberText.fixed(context.seconds(copy, end), 0)) s.",
                [context.number(copy), context.number(end)], severity: isQuietPhone ? .warning : nil
            ).about(context.records[copy].destination)
        })
}
