import SIPKit

extension Diagnosis {
    static let fixedLengthPeak = Diagnosis(
        "C3", "fixed-length-peak", .warning, .likely,
        "many calls end after the same time",
        sees: "\"calls are cut after half a minute\", \"after a quarter of an hour\"",
        condition:
            "20 calls or more end within the same second of their length, three times as many as with lengths near "
            + "it, and the same side hangs up in 19 of 20",
        why: "people hang up at any time; a peak is a timer",
        remedy:
            "10, 20, 30, 32 s: the ACK is lost (R1, R4). 60, 120, 180 s: a NAT or firewall forgets UDP. 300, 600, 900, "
            + "1800, 3600 s: session timers (C1) or a prepaid limit",
        sources: "operators' lists",
        explains: [],
        examples: [
            .yes("25 calls of 30 s", Scene.call.happening(25)),
            .no("five", Scene.call.happening(5)),
        ],
        .population { (population: Population) -> [Evidence] in
            population.ledgers.lengths.peaks.map { peak in
                Evidence(
                    "\(peak.calls) calls ended after exactly \(peak.seconds) s, hung up by the \(peak.byCaller ? "caller" : "callee").",
                    count: peak.calls)
            }
        })
}
