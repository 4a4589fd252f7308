import SIPKit
import SIPTrace

extension Diagnosis {
    static let rtpOneWay = Diagnosis(
        "M12", "rtp-one-way", .error, .certain,
        "sound in one direction only",
        sees: "one side hears nothing",
        condition:
            "in a capture with RTP, a stream of an answered call lasts over three seconds and nothing comes back "
            + "from where it goes (calls on hold, and directions other than sendrecv, do not count)",
        why: "the other side's sound goes to an address where nobody is, or a packet filter drops it",
        remedy:
            "look at the session's addresses (N1, N2, N3, N5 in the same call); then at packet filters between relay "
            + "and phone",
        sources: "seed 002 ch. 4 (\"one-way audio or no audio\"); RFC 3550",
        explains: [],
        examples: [
            .yes(
                "sound from the caller only",
                Scene.call.sounding(.init(from: "203.0.113.5:4000", to: "192.0.2.10:35002", start: 2.2, seconds: 20))),
            .no(
                "sound both ways",
                Scene.call.sounding(
                    .init(from: "203.0.113.5:4000", to: "192.0.2.10:35002", start: 2.2, seconds: 20),
                    .init(from: "192.0.2.10:35002", to: "203.0.113.5:4000", start: 2.2, seconds: 20))),
            .no(
                "less than three seconds",
                Scene.call.sounding(.init(from: "203.0.113.5:4000", to: "192.0.2.10:35002", start: 2.2, seconds: 2))),
        ],
        .population { (population: Population) -> [Evidence] in
            population.ledgers.media.oneWay.map { found in
                let seconds = NumberText.fixed(Double(found.stream.lastTime &- found.stream.firstTime) / 1e9, 0)
                let reason = found.place?.hasPrivateAddress == true ? "; a private address was passed on (N1)" : ""
                return Evidence(
                    "Sound went from \(found.stream.source) to \(found.stream.destination) for \(seconds) s, and none came back\(reason).",
                    [found.place?.message].compactMap { $0 }
                ).of(found.place?.callID ?? "", found.stream.firstTime)
            }
        })
}
