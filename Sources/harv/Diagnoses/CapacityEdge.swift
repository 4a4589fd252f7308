import SIPKit

extension Diagnosis {
    static let capacityEdge = Diagnosis(
        "C8", "capacity-edge", .warning, .likely,
        "refuses at a fixed number of calls",
        sees: "busy tones at the busiest hour",
        condition:
            "ten refusals or more (503, 486, 480) of one host come always at the same number of calls that are up "
            + "there (four or more, one more or less), and there were never more",
        why: "a limit of channels or licences",
        remedy: "buy channels, or send what is too much to another gateway (a failure route on 503)",
        sources: "operators' lists",
        explains: [],
        examples: [
            .yes("always at six", Scene.fullGateway([Int](repeating: 6, count: 10))),
            .no("at any number", Scene.fullGateway([1, 6, 2, 5, 3, 6, 1, 4, 2, 6])),
        ],
        .population { (population: Population) -> [Evidence] in
            population.ledgers.hops.hops.filter { $0.value.full.count >= 10 && $0.value.spans.count >= 10 }
                .sorted { "\($0.key)" < "\($1.key)" }.compactMap { address, hop in
                    let (levels, most) = HopLedger.levels(hop)
                    guard most >= 4, levels.allSatisfy({ abs($0 - most) <= 1 }) else { return nil }
                    return Evidence(
                        "\(address) refuses whenever \(most) calls are up (\(levels.count) times): a channel or licence limit.",
                        count: levels.count
                    ).of("", hop.full.min() ?? 0)
                }
        })
}
