import SIPKit

extension Diagnosis {
    static let natKeepaliveGap = Diagnosis(
        "N14", "nat-keepalive-gap", .warning, .likely,
        "a router's door closed unnoticed",
        sees: "incoming calls fail some minutes after registering and work right after; calls die after a while",
        condition:
            "a phone behind a NAT had no packet in either direction for more than a minute, and the next call to "
            + "it got no answer of any kind",
        why: "a router forgets the door it opened for the phone's packets when nothing passes for a while",
        remedy: "SER natping_interval 30 (mediaproxy or nathelper), ping_nated_only; Kamailio nathelper "
            + "natping_interval with sipping_bflag, nat_keepalive() with nat_traversal; or the phone's own "
            + "keep-alive",
        sources: "seed 002 ch. 4, ch. 8 note 10; 001",
        explains: ["R23"],
        examples: [
            .yes("a phone that registered five minutes ago does not answer", Scene.callToQuietPhone),
            .no(
                "a phone that was heard a moment ago",
                Scene.callToQuietPhone.at("REGISTER in", 280).at("401 out", 280.002).at("REGISTER again in", 280.05).at(
                    "200 out", 280.055)),
        ],
        .call(needs: [.relayedRequest]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, let copy = facts.inviteCopy, let quiet = context.quiet,
                quiet > 60_000_000_000,
                context.conversation.quietPeerIsBehindNAT, !context.wasHeard(after: copy),
                context.wentOn(32, after: copy)
            else { return nil }
            return Evidence(
                "The router of \(context.callee(copy)) closed the door after \(TimeText.span(quiet)) of silence; the call at "
                    + "\(TimeText.clock(context.records[copy].time)) never reached the phone.",
                [context.number(copy)])
        })
}
