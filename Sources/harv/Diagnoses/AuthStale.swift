import SIPKit

extension Diagnosis {
    static let authStale = Diagnosis(
        "A5", "auth-stale", .info, .certain,
        "challenges for stale nonces",
        sees: "one more round trip now and then",
        condition: "challenges with stale=true; a warning when they are more than a fifth of all (20 or more)",
        why: "the nonce lives shorter than the time between two requests of a phone",
        remedy: "a longer nonce_expire (300 s is usual); it may well be as long as the registration interval",
        sources: "SER's and Kamailio's auth module",
        explains: [],
        examples: [
            .yes(
                "a nonce became stale",
                Scene.refusedLogin("example.net").replacing("401 again out", "nonce=\"n1\"", "nonce=\"n2\", stale=true")
            ),
            .no("plain challenges", Scene.register),
        ],
        .population { (population: Population) -> [Evidence] in
            let habits = population.ledgers.habits
            guard habits.stale > 0 else { return [] }
            let isMany = habits.challenges >= 20 && habits.stale * 5 > habits.challenges
            return [
                Evidence(
                    "\(habits.stale) of \(habits.challenges) challenges came because a nonce had become stale.",
                    severity: isMany ? .warning : nil, count: habits.stale)
            ]
        })
}
