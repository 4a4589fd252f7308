import SIPKit
import SIPTrace

extension Diagnosis {
    static let rtpQuality = Diagnosis(
        "M13", "rtp-quality", .info, .certain,
        "sound with losses",
        sees: "choppy sound",
        condition:
            "the estimated quality of a stream of five seconds and more is below 3.6 (a warning) or 3.1 (an error) "
            + "on the scale to 5",
        why: "packets are lost or come unevenly on the way to where the capture was made",
        remedy:
            "look at the network of the stream's source: wireless, a full uplink, a wrong duplex setting; give voice "
            + "its priority",
        sources: "RFC 3550 §6.4.1, ITU-T G.107",
        explains: [],
        examples: [
            .yes(
                "every sixth packet is missing",
                Scene.call.sounding(
                    .init(from: "203.0.113.5:4000", to: "192.0.2.10:35002", start: 2.2, seconds: 20, losesEvery: 6))),
            .no(
                "nothing is missing",
                Scene.call.sounding(.init(from: "203.0.113.5:4000", to: "192.0.2.10:35002", start: 2.2, seconds: 20))),
        ],
        .population { (population: Population) -> [Evidence] in
            population.ledgers.media.streams.compactMap { stream in
                let length = stream.lastTime &- stream.firstTime
                // More numbers than any codec sends in that time: the sender began to count anew, nothing was lost.
                guard stream.packets >= 100, length >= 5_000_000_000,
                    Int64(stream.expected) <= length / 8_000_000, let quality = stream.quality, quality.mos < 3.6
                else { return nil }
                let place = population.ledgers.media.places[stream.destination]
                return Evidence(
                    "Sound from \(stream.source) to \(stream.destination) lost \(NumberText.percent(100 * stream.lossFraction)) of its packets, jitter \(NumberText.fixed(stream.meanJitter, 0)) ms: quality \(NumberText.fixed(quality.mos, 1)) of 5.",
                    [place?.message].compactMap { $0 }, severity: quality.mos < 3.1 ? .error : .warning
                ).of(place?.callID ?? "", stream.firstTime)
            }
        })
}
