import SIPKit

extension Diagnosis {
    static let remoteOrigin = Diagnosis(
        "O4", "remote-origin", .info, .certain,
        "failures that others made",
        sees: "which operator to call",
        condition:
            "failures (4xx to 6xx, but not challenges, busy, declined, away, cancelled) that came from a next hop "
            + "and were only passed on",
        why: "the server is not what refused the call",
        remedy: "call the operator of the host named",
        sources: "seed 003",
        explains: [],
        examples: [
            .yes("503 of the next hop", Scene.refused(503, "Service Unavailable")),
            .no("busy", Scene.refused(486, "Busy Here")),
            .no("500 of the server itself", Scene.answeredByServer(500, "Server Error")),
        ],
        .population { (population: Population) -> [Evidence] in
            var found: [(address: SocketAddress, code: UInt16, count: Int, agent: UInt32)] = []
            for (address, hop) in population.ledgers.hops.hops {
                for (code, count) in hop.refusals
                where code >= 400 && ![401, 407, 480, 484, 486, 487, 491, 600, 603].contains(code) {
                    found.append((address, code, count, hop.agent))
                }
            }
            return found.sorted { ($1.count, "\($0.address)", $0.code) < ($0.count, "\($1.address)", $1.code) }.map {
                entry in
                let agent = population.name(.callerAgent(entry.agent)).map { " (\($0))" } ?? ""
                return Evidence(
                    "\(entry.count) call\(entry.count == 1 ? "" : "s") failed with \(entry.code) made by \(entry.address)\(agent).",
                    count: entry.count)
            }
        })
}
