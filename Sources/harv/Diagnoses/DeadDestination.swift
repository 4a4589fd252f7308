import SIPKit

extension Diagnosis {
    static let deadDestination = Diagnosis(
        "R26", "dead-destination", .error, .likely,
        "a host that stopped answering",
        sees: "calls to one gateway or one user fail",
        condition: "at least three calls to one host got no reply at all, one after another",
        why: "the host is down, or a firewall is in between",
        remedy: "take it out of dispatcher or LCR, DNS SRV with a second server, t_on_failure to the next gateway, "
            + "OPTIONS probing",
        sources: "seed 003 Reliability, \"Is Server Alive\"",
        explains: ["R27"],
        examples: [
            .yes("three calls into silence", Scene.deadHop.happening(3)),
            .no("one", Scene.deadHop),
        ],
        .population { (population: Population) -> [Evidence] in
            population.summary.hops.values.filter { $0.silentInARow >= 3 }.sorted { $0.silentInARow > $1.silentInARow }
                .prefix(20).map { hop in
                    Evidence(
                        "\(hop.address) has not answered \(hop.silentInARow) calls in a row\(hop.lastAnswer == nil ? "" : " (it did before)").",
                        count: hop.silentInARow
                    ).about(hop.address)
                }
        })
}
