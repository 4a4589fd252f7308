import SIPKit

extension Diagnosis {
    static let sessionTimerDrop = Diagnosis(
        "C1", "session-timer-drop", .error, .certain,
        "ended by the session timer",
        sees: "long calls die after 15 or 30 minutes exactly",
        condition:
            "the BYE comes at Session-Expires, or one third (at most 32 s) before it, within 2 s, and no refresh "
            + "passed; or the Reason says so",
        why: "nobody refreshed the session, so the side that watches the timer ended it",
        remedy: "let re-INVITE and UPDATE through (ack-not-forwarded and its kin, auth-in-dialog, "
            + "contact-private-dialog), or longer timers at the gateway",
        sources: "RFC 4028 sections 9-10; seed 002 ch. 8 (re-INVITE handling)",
        explains: [],
        examples: [
            .yes(
                "hung up after exactly 1800 s",
                Scene.call.adding("Session-Expires", "1800;refresher=uac", to: "200 in").adding(
                    "Session-Expires", "1800;refresher=uac", to: "200 out"
                ).later(from: "BYE in", by: 1770)),
            .no(
                "hung up after half a minute",
                Scene.call.adding("Session-Expires", "1800", to: "200 in").adding(
                    "Session-Expires", "1800", to: "200 out")),
            .no(
                "1790 s, a natural length",
                Scene.call.adding("Session-Expires", "1800", to: "200 in").adding(
                    "Session-Expires", "1800", to: "200 out"
                ).later(from: "BYE in", by: 1780)),
        ],
        .call(needs: [.answered, .any(.hasSessionExpires)]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, let bye = facts.bye, let final = facts.final,
                // The shortest timer is 90 s (RFC 4028 §4), and a third of it earlier is early enough.
                let length = facts.duration(context.records), length > 57_000_000_000
            else { return nil }
            let text = context.text(final, .sessionExpires) ?? context.text(facts.lastInvite, .sessionExpires)
            guard
                let value = text.flatMap({
                    SessionFacts.number(String($0.prefix(while: { $0.isNumber })), limit: 1_000_000)
                }), value >= 90
            else { return nil }
            let refreshed = context.records.indices.contains {
                $0 > final && context.records[$0].isRequest && context.records[$0].toTag != 0
                    && [.invite, .update].contains(context.records[$0].method)
            }
            let seconds = Double(length) / 1e9
            let early = Double(value) - min(32, Double(value) / 3)
            guard !refreshed, abs(seconds - Double(value)) <= 2 || abs(seconds - early) <= 2 else { return nil }
            return Evidence(
                "The call ended exactly after \(NumberText.fixed(seconds, 0)) s: nobody refreshed the session timer.",
                [context.number(final), context.number(bye)])
        })
}
