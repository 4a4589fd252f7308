import SIPKit

extension Diagnosis {
    static let ringTimeout = Diagnosis(
        "R28", "ring-timeout", .info, .certain,
        "the server ended the ringing",
        sees: "calls end after the same time of ringing",
        condition: "a call that rang is ended by the server's own CANCEL or 408",
        why: "fr_inv_timer is the longest that a phone may ring",
        remedy:
            "fr_inv_timer, 27 s in old examples, 120 s by default; avp_write(\"i:45\", \"inv_timeout\") for the PSTN",
        sources: "seed 002 ch. 9 notes 1, 4, 22",
        explains: [],
        examples: [
            .yes(
                "408 by the server after ringing",
                Scene.refused(487, "Request Terminated").replacing(
                    "final out", "487 Request Terminated", "408 Request Timeout"
                ).later(from: "final in", by: 28).at("final out", 29.9)),
            .no("the callee was busy", Scene.refused(486, "Busy Here")),
        ],
        .call(needs: [.timedOut]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, facts.rang, facts.status == 408, let ring = facts.firstRing,
                let final = facts.final, context.records[final].isFirst
            else { return nil }
            return Evidence(
                "Calls that ring are ended by the server after \(NumberText.fixed(context.seconds(ring, final), 0)) s.",
                [context.number(ring), context.number(final)])
        })
}
