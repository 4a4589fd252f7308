import SIPKit

extension Diagnosis {
    static let transitSlow = Diagnosis(
        "R40", "transit-slow", .warning, .likely,
        "requests stay long in the server",
        sees: "slow set-up",
        condition:
            "of the INVITEs that were passed on, five in a hundred stayed longer than 200 ms (20 or more of them); an info "
            + "when requests with a login stay 20 ms and five times as long as everything else",
        why: "a database, DNS or a script's lookups are the brake",
        remedy: "index and cache tables, auth_db local cache, a DNS cache; dns=no, rev_dns=no",
        sources: "seed 000 (timings), 003 \"Dealing with DNS\", 002 ch. 6 note 7",
        explains: [],
        examples: [
            .yes("half a second, twenty times", Scene.call.later(from: "INVITE out", by: 0.5).happening(20)),
            .no("a few milliseconds", Scene.call.happening(20)),
        ],
        .population { (population: Population) -> [Evidence] in
            let transit = population.summary.calls.transit
            guard transit.count >= 20, let slow = transit.quantile(0.95), slow > 200_000_000 else {
                return Self.slowLogins(population.ledgers.habits)
            }
            return [
                Evidence(
                    "INVITEs stay up to \(NumberText.fixed(Double(slow) / 1e6, 0)) ms in the server (95 %), half of them \(NumberText.fixed(Double(transit.quantile(0.5) ?? 0) / 1e6, 0)) ms."
                )
            ]
        })

    /// Two groups, the slow one doing look-ups: worth knowing, even of a few requests.
    private static func slowLogins(_ habits: HabitLedger) -> [Evidence] {
        guard habits.withLogin.count >= 2, habits.withoutLogin.count >= 2,
            let slow = habits.withLogin.quantile(0.5), let quick = habits.withoutLogin.quantile(0.5),
            slow >= 20_000_000, slow >= 5 * max(1, quick)
        else { return [] }
        return [
            Evidence(
                "Requests that are authenticated take \(NumberText.fixed(Double(slow) / 1e6, 1)) ms in the server, the others \(NumberText.fixed(Double(quick) / 1e6, 1)) ms: the database or DNS is the brake.",
                severity: .info, count: habits.withLogin.count)
        ]
    }
}
