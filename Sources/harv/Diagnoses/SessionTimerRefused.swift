import SIPKit

extension Diagnosis {
    static let sessionTimerRefused = Diagnosis(
        "C2", "session-timer-refused", .warning, .certain,
        "no agreement on the session timer",
        sees: "a call cannot be set up, or only after several tries",
        condition: "422 Session Interval Too Small twice or more for one call, and no agreement in the end",
        why: "the caller does not take the Min-SE it was told, or two servers on the way want different ones",
        remedy:
            "a session interval of at least the largest Min-SE on the way (90 s is the least allowed, 1800 s usual)",
        sources: "RFC 4028 §6, §8",
        explains: [],
        examples: [
            .yes("refused twice", Scene.timerRefused(agrees: false)),
            .no("agreed at the second try", Scene.timerRefused(agrees: true)),
            .no("no timer", Scene.call),
        ],
        .call(needs: [.intervalTooSmall]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, !facts.isAnswered else { return nil }
            let refusals = context.records.indices.filter {
                context.records[$0].status == 422 && context.records[$0].isFirst
            }
            guard refusals.count >= 2, let last = refusals.last else { return nil }
            let least = context.text(last, .minSE).map { " (Min-SE \($0))" } ?? ""
            return Evidence(
                "The call to \(context.callee(last)) was refused \(refusals.count) times for its session interval\(least): both sides never agreed.",
                refusals.prefix(5).map { context.number($0) })
        })
}

extension Scene {
    /// An INVITE that gets 422, and its second try.
    static func timerRefused(agrees: Bool) -> Scene {
        let second = Scene.answeredByServer(422, "Session Interval Too Small").adding("Min-SE", "90", to: "final out")
        guard !agrees else {
            return Scene.call.copying("INVITE in", as: "first INVITE in", at: -0.2).replacing(
                "first INVITE in", "1 INVITE", "0 INVITE"
            ).replacing("first INVITE in", "z9hG4bK-p1", "z9hG4bK-p0").copying("100 out", as: "422 out", at: -0.1)
                .replacing("422 out", "100 Trying", "422 Session Interval Too Small").replacing(
                    "422 out", "1 INVITE", "0 INVITE"
                ).replacing("422 out", "z9hG4bK-p1", "z9hG4bK-p0")
        }
        return second.copying("INVITE in", as: "INVITE again in", at: 0.1).replacing(
            "INVITE again in", "1 INVITE", "2 INVITE"
        ).replacing("INVITE again in", "z9hG4bK-p1", "z9hG4bK-p2").copying("final out", as: "422 again out", at: 0.11)
            .replacing("422 again out", "1 INVITE", "2 INVITE").replacing("422 again out", "z9hG4bK-p1", "z9hG4bK-p2")
    }
}
