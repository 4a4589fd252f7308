import SIPKit

extension Diagnosis {
    static let serverRestart = Diagnosis(
        "O3", "server-restart", .warning, .certain,
        "the server was restarted",
        sees: "481 for calls that were up, phones that register all at once",
        condition:
            "the processes in the server's warnings are all replaced by others (20 warnings and two processes on "
            + "both sides); or its Server text changes and the old one does not come back; or nothing leaves it for two seconds "
            + "while five requests come in, then REGISTER and OPTIONS come three times as fast as usual within a minute, "
            + "and within two it answers 481 to the BYEs of three calls from before",
        why: "a stateful server forgets its transactions when it restarts",
        remedy: "if nobody did it on purpose, look for a crash in its log at that time",
        sources: "seed 003",
        explains: [],
        examples: [
            .yes(
                "another version than before",
                Scene.call.adding("Server", "router 1.0", to: "100 out").then(
                    Scene.call.adding("Server", "router 1.1", to: "100 out"), after: 100, as: "a call later")),
            .yes("a silence, a rush, and calls that it has forgotten", Scene.restarted(phones: 30, lostCalls: 4)),
            .no("a silence and a rush", Scene.restarted(phones: 30, lostCalls: 0)),
            .no("a silence and forgotten calls", Scene.restarted(phones: 0, lostCalls: 4)),
            .no(
                "two servers on one address",
                Scene.call.adding("Server", "router 1.0", to: "100 out").then(
                    Scene.call.adding("Server", "router 1.1", to: "100 out"), after: 100, as: "a call later"
                ).then(Scene.call.adding("Server", "router 1.0", to: "100 out"), after: 200, as: "a third call")),
            .no(
                "the same version",
                Scene.call.adding("Server", "router 1.0", to: "100 out").then(
                    Scene.call.adding("Server", "router 1.0", to: "100 out"), after: 100, as: "a call later")),
        ],
        .population { (population: Population) -> [Evidence] in
            let told = population.ledgers.serverTraces.servers.sorted { "\($0.key)" < "\($1.key)" }.flatMap {
                address, server -> [Evidence] in
                let changes = server.versions.compactMap { change -> Evidence? in
                    guard let old = population.name(.callerAgent(change.old)),
                        let new = population.name(.callerAgent(change.new))
                    else { return nil }
                    return Evidence(
                        "\(address) was restarted before \(TimeText.clock(change.since)): it was \(old) and is \(new)."
                    ).of("", change.since)
                }
                guard changes.isEmpty else { return changes }
                let restarts = server.restarts
                guard let first = restarts.first, restarts.count < 3 else { return [] }
                return [
                    Evidence(
                        "\(address) was restarted before \(TimeText.clock(first)): all its processes are new.",
                        count: restarts.count
                    ).of("", first)
                ]
            }
            // What the server told of itself is certain, and is not guessed once more.
            let known = told.compactMap(\.time)
            let guessed = population.ledgers.restarts.restarts(population.summary.stalls.silences).filter { restart in
                !known.contains { abs($0 - restart.silence.start) < 180_000_000_000 }
            }
            return told
                + guessed.map { restart in
                    Evidence(
                        "The server was restarted at \(TimeText.clock(restart.silence.start)): it sent nothing for \(NumberText.fixed(Double(restart.silence.length) / 1e9, 1)) s, then \(restart.arrivals) REGISTER and OPTIONS came in ten seconds (usually \(restart.usual)), and \(restart.lost) calls from before were answered with 481.",
                        confidence: .likely
                    ).of("", restart.silence.start)
                }
        })

    /// When servers were restarted, as far as it is known.
    static func restartTimes(_ population: Population) -> [Int64] {
        population.ledgers.serverTraces.servers.values.flatMap { $0.restarts + $0.versions.map(\.since) }
            + population.ledgers.restarts.restarts(population.summary.stalls.silences).map(\.silence.start)
    }
}
