import SIPKit

extension Diagnosis {
    static let transitSlow = Diagnosis(
        "R40", "transit-slow", .warning, .likely,
        "requests stay long in the server",
        sees: "slow set-up",
        condition:
            "of the INVITEs that were passed on, five in a hundred stayed longer than 200 ms (20 or more of them)",
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
            guard transit.count >= 20, let slow = transit.quantile(0.95), slow > 200_000_000 else { return [] }
            return [
                Evidence(
                    "INVITEs stay up to \(NumberText.fixed(Double(slow) / 1e6, 0)) ms in the server (95 %), half of them \(NumberText.fixed(Double(transit.quantile(0.5) ?? 0) / 1e6, 0)) ms."
                )
            ]
        })
}
