import SIPKit

extension Diagnosis {
    static let logLines = Diagnosis(
        "O10", "log-lines", .warning, .certain,
        "known lines in the server's log",
        sees: "lines that scroll by",
        condition:
            "a server's log was given, and it has lines with a known meaning; or its accounting (ACC: transaction "
            + "answered, call missed) and the trace, between the first and the last call that both have, do not have the same "
            + "calls",
        why: "as the line says; a call that is not in the accounting is not billed, and one that was never answered is",
        remedy:
            "transaction already in process: one t_ function for each request (R29). Bound to localhost, no listening "
            + "socket: listen= and mhomed (N13, R35). Relay does not respond: start it, look at its socket (N1). Module not "
            + "opened: mpath. Blocking: S1, S10. Accounting: the flag for it in every branch and in failure_route (R6, R8, R9), and "
            + "the log of the same server",
        sources: "seed 003; the rules named",
        explains: [],
        examples: [
            .yes(
                "a transaction that was there already",
                Scene.call.logging("ERROR: t_newtran: transaction already in process 0x2a")),
            .yes(
                "the relay is gone",
                Scene.call.logging("WARNING: rtpproxy: can't find rtp proxy, rtpproxy_manage()")),
            .yes(
                "five calls, and one of them is not in the accounting",
                Scene.call.happening(5).accounting("call-1", "call-2", "call-3", "call-5")),
            .yes(
                "a call that was refused is recorded as answered",
                Scene.refused(486, "Busy Here").accounting("call-1")),
            .no("a harmless line", Scene.call.logging("NOTICE: acc: ACC: transaction answered: timestamp=1")),
            .no(
                "every call is in the accounting",
                Scene.call.happening(3).accounting("call-1", "call-2", "call-3")),
            .no("the log ends before the trace", Scene.call.happening(5).accounting("call-1", "call-2")),
        ],
        .population { (population: Population) -> [Evidence] in
            population.ledgers.log.entries.filter(\.key.isTrouble).sorted {
                ($1.value.count, $0.key.rawValue) < ($0.value.count, $1.key.rawValue)
            }.map { symptom, entry in
                Evidence(
                    "\(entry.count) line\(entry.count == 1 ? "" : "s") in the log: \(symptom.meaning) (\"\(Printable.text(entry.sample.utf8))\").",
                    severity: symptom.severity, count: entry.count
                ).of("", entry.first ?? 0)
            } + population.accountingEvidence
        })
}
