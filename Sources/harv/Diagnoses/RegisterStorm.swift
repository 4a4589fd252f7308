import SIPKit

extension Diagnosis {
    static let registerStorm = Diagnosis(
        "A12", "register-storm", .warning, .certain,
        "many phones registered at once",
        sees: "a registrar at full load for a minute; phones that need several tries",
        condition: "in one minute more than five times as many registrations as usual in the hour around it, from more "
            + "than 50 addresses",
        why: "power or a network came back, the server was restarted, or the phones expire in step",
        remedy: "default_expires_range, so that phones do not expire in step; spread the phones' timers",
        sources: "Kamailio's registrar module",
        explains: [],
        examples: [
            .yes("sixty phones in half a minute", Scene.registerStorm(60)),
            .no("forty", Scene.registerStorm(40)),
            .no("a phone", Scene.register),
        ],
        .population { (population: Population) -> [Evidence] in
            let restarts = Diagnosis.restartTimes(population)
            return population.ledgers.registerRate.storms.map { storm in
                let start = storm.minute * 60_000_000_000
                let cause =
                    restarts.contains { abs($0 - start) < 180_000_000_000 } ? " after a restart of the server" : ""
                return Evidence(
                    "\(storm.requests) phones (\(storm.sources) addresses) registered within a minute\(cause), usually \(storm.usual)."
                ).of("", start)
            }
        })
}
