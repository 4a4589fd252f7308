import SIPKit

extension Diagnosis {
    static let serverStall = Diagnosis(
        "R41", "server-stall", .critical, .likely,
        "the server stood still",
        sees: "everything hangs for some seconds, then comes at once",
        condition: "for two seconds or more 20 requests or more came in and nothing left; then it went on",
        why: "all processes waited for something: mostly DNS, sometimes a database",
        remedy:
            "more children; a DNS cache on the machine, dns=no, rev_dns=no; stateful processing (t_newtran() before "
            + "slow lookups), so that repeats do not add to the load",
        sources: "seed 003 \"Dealing with DNS\", \"Stateful versus Stateless Forwarding\"",
        explains: [],
        examples: [
            .yes("26 requests in three seconds, and nothing leaves", Scene.stalled),
            .no("a call", Scene.call),
            .no("a server that says nothing at all", Scene.pings(40, over: 5)),
        ],
        .population { (population: Population) -> [Evidence] in
            let stalls = population.summary.stalls
            guard let first = stalls.stalls.first else { return [] }
            return [
                Evidence(
                    "The server stood still \(stalls.count == 1 ? "once" : "\(stalls.count) times"), longest \(NumberText.fixed(Double(stalls.longest) / 1e9, 1)) s; first at \(TimeText.clock(first.start)) with \(first.requests) requests waiting.",
                    count: stalls.count
                ).of("", first.start)
            ]
        })
}
