import SIPKit

extension Diagnosis {
    static let logLines = Diagnosis(
        "O10", "log-lines", .warning, .certain,
        "known lines in the server's log",
        sees: "lines that scroll by",
        condition: "a server's log was given, and it has lines with a known meaning",
        why: "as the line says",
        remedy:
            "transaction already in process: one t_ function for each request (R29). Bound to localhost, no listening "
            + "socket: listen= and mhomed (N13, R35). Relay does not respond: start it, look at its socket (N1). Module not "
            + "opened: mpath. Blocking: S1, S10",
        sources: "seed 003; the rules named",
        explains: [],
        examples: [
            .yes(
                "a transaction that was there already",
                Scene.call.logging("ERROR: t_newtran: transaction already in process 0x2a")),
            .yes(
                "the relay is gone",
                Scene.call.logging("WARNING: rtpproxy: can't find rtp proxy, rtpproxy_manage()")),
            .no("a harmless line", Scene.call.logging("NOTICE: acc: ACC: transaction answered: timestamp=1")),
        ],
        .population { (population: Population) -> [Evidence] in
            population.ledgers.log.entries.filter(\.key.isTrouble).sorted {
                ($1.value.count, $0.key.rawValue) < ($0.value.count, $1.key.rawValue)
            }.map { symptom, entry in
                Evidence(
                    "\(entry.count) line\(entry.count == 1 ? "" : "s") in the log: \(symptom.meaning) (\"\(Printable.text(entry.sample.utf8))\").",
                    count: entry.count
                ).of("", entry.first ?? 0)
            }
        })
}
