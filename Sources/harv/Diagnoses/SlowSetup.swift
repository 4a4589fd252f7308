import SIPKit

extension Diagnosis {
    static let slowSetup = Diagnosis(
        "C5", "slow-setup", .warning, .certain,
        "callers wait long for the ring",
        sees: "callers hang up before it rings",
        condition: "five calls in a hundred of a route wait more than 4 s for the first ring, 11 s to the PSTN (20 or "
            + "more calls)",
        why: "the next hop is slow, or retries before it answers",
        remedy: "look at the route's next hop; shorten fr_timer where several targets are tried",
        sources: "RFC 6076 section 4.3",
        explains: [],
        examples: [
            .yes("five seconds, twenty times", Scene.call.later(from: "180 in", by: 5).happening(20)),
            .no("at once", Scene.call.happening(20)),
        ],
        .population { (population: Population) -> [Evidence] in
            population.summary.calls.routes.sorted { $0.key < $1.key }.compactMap { number, route -> Evidence? in
                let name = Printable.text(population.summary.hints.labels[Int(number)])
                let isOutside = name.uppercased().contains("GATEWAY") || name.uppercased().contains("PSTN")
                guard route.ring.count >= 20, let slow = route.ring.quantile(0.95),
                    slow > (isOutside ? 11 : 4) * 1_000_000_000
                else { return nil }
                return Evidence(
                    "Calls by \(name.isEmpty ? "the unlabelled route" : name) wait \(NumberText.fixed(Double(slow) / 1e9, 1)) s for the first ring (95 %)."
                )
            }
        })
}
