import SIPKit

extension Diagnosis {
    static let natBindingMoved = Diagnosis(
        "N15", "nat-binding-moved", .warning, .certain,
        "calls go to a port the router left",
        sees: "a phone that shows as registered does not ring, until it registers again",
        condition:
            "a phone registered anew from another address or port while its old registration was still valid, and "
            + "a call after that went to the old one and got no answer",
        why: "the router gave the phone a new outside port, and the server still has the old one as well",
        remedy: "register more often, keep-alives below the router's time-out, max_contacts 1 or desc_time_order",
        sources: "seed 002 ch. 4; 003 \"Using Only Latest User's Contact\"",
        explains: ["R27", "R23", "N14"],
        examples: [
            .yes(
                "the phone has moved to port 2048, the call goes to 1024",
                Scene.callToRegistered(.callToQuietPhone).moving),
            .no("the phone stayed", Scene.callToRegistered(.callToQuietPhone)),
            .no(
                "the call goes to the new port",
                Scene.callToRegistered(.callToQuietPhone).moving.to("INVITE out", "203.0.113.5:2048").to(
                    "INVITE out again", "203.0.113.5:2048")),
        ],
        .call(needs: [.relayedRequest]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, let copy = facts.inviteCopy, let ledgers = context.ledgers,
                let user = context.target,
                let binding = ledgers.registrations[user], let old = binding.movedFrom
            else { return nil }
            let out = context.records[copy]
            guard out.destination == old, binding.movedAt < out.time, binding.source != old,
                !context.wasHeard(after: copy), context.wentOn(32, after: copy)
            else { return nil }
            return Evidence(
                "The router of \(context.callee(copy)) now uses port \(binding.source.port); calls were still sent to \(old).",
                [context.number(copy)])
        })
}

extension Scene {
    /// The phone registers once more, from another port.
    var moving: Scene {
        self.copying("REGISTER again in", as: "REGISTER moved in", at: 100).from(
            "REGISTER moved in", "203.0.113.5:2048"
        )
        .replacing("REGISTER moved in", "2 REGISTER", "8 REGISTER").replacing(
            "REGISTER moved in", "z9hG4bK-p2", "z9hG4bK-p8"
        ).copying("200 out", as: "200 moved out", at: 100.005).to("200 moved out", "203.0.113.5:2048").replacing(
            "200 moved out", "2 REGISTER", "8 REGISTER"
        ).replacing("200 moved out", "z9hG4bK-p2", "z9hG4bK-p8")
    }
}
