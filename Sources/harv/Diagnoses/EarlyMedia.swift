import SIPKit

extension Diagnosis {
    static let earlyMedia = Diagnosis(
        "M5", "early-media", .info, .certain,
        "sound before the answer",
        sees: "tones and announcements of the far side",
        condition:
            "183 or 180 with a session, or PRACK; a warning when 183 with a session is followed by 180 without and "
            + "the call is not answered (a notice when it is)",
        why: "some phones stop the far side's tone when a 180 without a session follows",
        remedy: "let the gateway send one kind only; look here when callers complain about silence before the answer",
        sources: "RFC 3960; the old script's \"183 early media\"",
        explains: [],
        examples: [
            .yes(
                "183 with a session",
                Scene.call.replacing("180 in", "180 Ringing", "183 Session Progress").replacing(
                    "180 out", "180 Ringing", "183 Session Progress"
                ).body("180 in", Scene.session("198.51.100.7", 6000)).body(
                    "180 out", Scene.session("192.0.2.10", 35_002))),
            .no("180 without", Scene.call),
        ],
        .population { (population: Population) -> [Evidence] in
            let habits = population.ledgers.habits
            let calls = habits.progressWithSession + habits.ringingWithSession
            guard calls + habits.reliable > 0 else { return [] }
            let share = Evidence(
                "Of \(population.summary.calls.tried) calls, \(habits.ringing) rang with 180 (\(habits.ringingWithSession) with a session), \(habits.progressWithSession) had sound before the answer (183), \(habits.reliable) used PRACK.",
                count: max(1, calls))
            return [share] + habits.mixed.evidence
        })
}
