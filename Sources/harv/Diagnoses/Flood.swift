import SIPKit

extension Diagnosis {
    static let flood = Diagnosis(
        "S10", "flood", .critical, .certain,
        "one address sends far more than all",
        sees: "a server at full load",
        condition:
            "one address sends more than 50 requests in each of three seconds, over ten times the median of all "
            + "addresses, and three in four get no success (a scanner is S1 until it has done so for half a minute)",
        why: "an attack, or a device that has gone mad",
        remedy: "drop it in the packet filter; pike and a htable ban keep the next one out",
        sources: "Kamailio's pike module",
        explains: [],
        examples: [
            .yes(
                "eighty requests a second",
                Scene.register.then(Scene.pings(400, over: 5), after: 60, as: "a flood").then(
                    Scene.pings(1, over: 1, from: "203.0.113.99:5060"), after: 100, as: "a ping")),
            .no(
                "a scanner's burst",
                Scene.register.then(
                    Scene.pings(400, over: 5).adding("User-Agent", "friendly-scanner", to: "*"), after: 60, as: "a scan"
                ).then(Scene.pings(1, over: 1, from: "203.0.113.99:5060"), after: 100, as: "a ping")),
            .no(
                "eighty in a minute",
                Scene.register.then(Scene.pings(80, over: 60), after: 60, as: "pings").then(
                    Scene.pings(1, over: 1, from: "203.0.113.99:5060"), after: 200, as: "a ping")),
        ],
        .population { (population: Population) -> [Evidence] in
            let (sources, median) = population.summary.noise.floods(besides: population.summary.nodes.servers)
            return sources.map { address, source in
                Evidence(
                    "\(address) sent up to \(source.peak) requests a second, \(source.requests) in all, of which \(source.succeeded) succeeded (the median address: \(median) a second)."
                ).of("", source.firstTime)
            }
        })
}
