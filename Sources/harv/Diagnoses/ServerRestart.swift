import SIPKit

extension Diagnosis {
    static let serverRestart = Diagnosis(
        "O3", "server-restart", .warning, .certain,
        "the server was restarted",
        sees: "481 for calls that were up, phones that register all at once",
        condition:
            "the processes in the server's warnings are all replaced by others (20 warnings and two processes on "
            + "both sides), or its Server header changes",
        why: "a stateful server forgets its transactions when it restarts",
        remedy: "if nobody did it on purpose, look for a crash in its log at that time",
        sources: "seed 003",
        explains: [],
        examples: [
            .yes(
                "another version than before",
                Scene.call.adding("Server", "router 1.0", to: "100 out").then(
                    Scene.call.adding("Server", "router 1.1", to: "100 out"), after: 100, as: "a call later")),
            .no(
                "the same version",
                Scene.call.adding("Server", "router 1.0", to: "100 out").then(
                    Scene.call.adding("Server", "router 1.0", to: "100 out"), after: 100, as: "a call later")),
        ],
        .population { (population: Population) -> [Evidence] in
            population.ledgers.serverTraces.servers.sorted { "\($0.key)" < "\($1.key)" }.compactMap { address, server in
                if server.agentChanges == 1, let old = population.name(.callerAgent(server.oldAgent)),
                    let new = population.name(.callerAgent(server.agent))
                {
                    return Evidence(
                        "\(address) was restarted before \(TimeText.clock(server.agentSince)): it was \(old) and is \(new)."
                    ).of("", server.agentSince)
                }
                let restarts = server.restarts
                guard let first = restarts.first, restarts.count < 3 else { return nil }
                return Evidence(
                    "\(address) was restarted before \(TimeText.clock(first)): all its processes are new.",
                    count: restarts.count
                ).of("", first)
            }
        })
}
