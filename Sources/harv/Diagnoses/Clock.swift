import SIPKit

extension Diagnosis {
    static let clock = Diagnosis(
        "O5", "clock", .warning, .certain,
        "a clock is wrong",
        sees: "logs that do not fit together, nonces that other servers refuse",
        condition: "the times of the trace run back by a second and more, or jump ahead by a minute and more in busy "
            + "traffic, or the Date headers of a peer are five minutes and more from the others'",
        why:
            "nonces and certificates depend on the time; ngrep prints local time without its zone, so that an hour comes "
            + "twice in autumn",
        remedy:
            "ntp on every server; read the capture with sipgrep, which keeps the zone; timing rules are unsure around "
            + "the place",
        sources: "seed 003 Reliability (synchronised time)",
        explains: [],
        examples: [
            .yes("five minutes missing in busy traffic", Scene.pings(150, over: 20)),
            .no("a quiet trace", Scene.call),
        ],
        .population { (population: Population) -> [Evidence] in
            let summary = population.summary
            var evidence: [Evidence] = []
            if summary.furthestBack >= 1_000_000_000 {
                let hour = abs(summary.furthestBack - 3_600_000_000_000) < 60_000_000_000
                evidence.append(
                    Evidence(
                        "Times run backwards \(summary.backwards == 1 ? "once" : "\(summary.backwards) times"), by \(TimeText.span(summary.furthestBack)) at most\(hour ? ": the end of summer time" : "").",
                        count: 1))
            }
            if summary.jumps.count > 0 {
                let hour = abs(summary.jumps.furthest - 3_600_000_000_000) < 60_000_000_000
                evidence.append(
                    Evidence(
                        "Times jump ahead \(summary.jumps.count == 1 ? "once" : "\(summary.jumps.count) times") in busy traffic, by \(TimeText.span(summary.jumps.furthest)) at most\(hour ? ": the beginning of summer time" : "").",
                        count: 1))
            }
            let isAbsolute =
                summary.hasDates && !summary.inputs.isEmpty && summary.inputs.allSatisfy { $0.format == "pcap" }
            for (address, seconds) in population.ledgers.clocks.wrong(isAbsolute: isAbsolute).prefix(20) {
                evidence.append(
                    Evidence(
                        "The clock of \(address) is \(TimeText.span(min(abs(seconds), 3_200_000_000) * 1_000_000_000)) \(seconds > 0 ? "ahead" : "behind")."
                    )
                )
            }
            return evidence
        })
}
