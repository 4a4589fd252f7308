import SIPKit

extension Diagnosis {
    static let registerInterval = Diagnosis(
        "A9", "register-interval", .warning, .certain,
        "phones register too often",
        sees: "a registrar that is busy with nothing else",
        condition:
            "phones that are not behind a NAT register in less than a minute (three of four times, eight times and more), or "
            + "are granted less than a minute; or REGISTER is four fifths of all requests with less than two minutes "
            + "between two; or a phone repeats an interval that was refused with 423",
        why: "each registration costs two requests, a database look-up and a write",
        remedy: "the registrar's min_expires and default_expires; keep NAT doors open with pings instead",
        sources: "seed 003 sample (Expires: 10), 001 (default_expires 60, min_expires 30); RFC 3261 §10.2.8",
        explains: [],
        examples: [
            .yes(
                "a phone on a public address registers every five seconds",
                Scene.register.replacing("*", "192.168.1.2:5060", "203.0.113.5:1024").happening(10)),
            .yes("ten seconds are granted", Scene.register.replacing("200 out", "expires=600", "expires=10")),
            .no("a phone behind a NAT that keeps its door open", Scene.register.happening(10)),
            .no("ten minutes", Scene.register),
        ],
        .population { (population: Population) -> [Evidence] in
            let ledger = population.ledgers.registrations
            var evidence: [Evidence] = []
            let requests = population.summary.messages.requests.unique
            let registers = population.summary.messages.method(.register).unique
            let share = requests > 0 ? 100 * registers / requests : 0
            let isMost = requests >= 100 && share > 80
            let often = ledger.bindings.values.filter { binding in
                // Eight times, or chance would do: users of a busy phone system register at all times.
                guard binding.intervals >= 8, !binding.isBehindNAT else { return false }
                let mean = binding.intervalSum / Int64(binding.intervals)
                return binding.shortIntervals * 4 >= binding.intervals * 3 && mean < 60_000_000_000
                    || isMost && mean < 120_000_000_000
            }
            if !often.isEmpty {
                let mean = often.reduce(0.0) { $0 + Double($1.intervalSum) / Double($1.intervals) / 1e9 }
                evidence.append(
                    Evidence(
                        "\(often.count == 1 ? "1 phone registers" : "\(often.count) phones register") every \(NumberText.fixed(mean / Double(often.count), 0)) s; REGISTER is \(share) % of the requests.",
                        count: often.count))
            }
            let brief = ledger.bindings.values.count { $0.isShortGrant }
            if brief > 0 {
                evidence.append(
                    Evidence(
                        "\(brief == 1 ? "1 registration was" : "\(brief) registrations were") granted for less than a minute.",
                        count: brief))
            }
            return evidence + ledger.ignoredMinima.evidence
        })
}
