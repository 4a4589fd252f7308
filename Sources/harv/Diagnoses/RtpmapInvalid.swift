import SIPKit

extension Diagnosis {
    static let rtpmapInvalid = Diagnosis(
        "M3", "rtpmap-invalid", .warning, .certain,
        "codecs described wrongly",
        sees: "strict devices ignore a codec that both have",
        condition:
            "a static payload has another clock or channels than RFC 3551 gives it, or an rtpmap names a payload "
            + "that is not offered, or a dynamic payload has no rtpmap",
        why: "PCMU/8000/3 is PCMU with three channels",
        remedy: "update the device",
        sources: "seed 000; RFC 3551, 8866",
        explains: [],
        examples: [
            .yes(
                "PCMU/8000/3",
                Scene.call.replacing("INVITE in", "PCMU/8000", "PCMU/8000/3").replacing(
                    "INVITE out", "PCMU/8000", "PCMU/8000/3")),
            .yes("a dynamic payload without rtpmap", Scene.call.replacing("INVITE in", "0 8 101", "0 8 101 98")),
            .no("as it should be", Scene.call),
        ],
        .call(needs: [.any(.hasOddCodecs)]) { (context: CallContext) -> Evidence? in
            for place in context.records.indices where context.records[place].isFirst {
                guard let session = context.session(place) else { continue }
                for media in session.media where media.kind == .audio && media.port != 0 {
                    if let codec = media.codecs.first(where: { codec in
                        guard !codec.channels.isEmpty else { return false }
                        return SessionFacts.staticCodec(codec.payload)?.name == codec.name && codec.channels != "1"
                    }) {
                        return Evidence(
                            "\(context.agent(place)) describes \(codec.name) as having \(codec.channels) channels; strict devices ignore it.",
                            [context.number(place)])
                    }
                    let wrongClock = media.codecs.first { codec in
                        guard let known = SessionFacts.staticCodec(codec.payload), codec.clock != 0 else {
                            return false
                        }
                        return known.name == codec.name && known.clock != codec.clock
                    }
                    if let codec = wrongClock {
                        return Evidence(
                            "\(context.agent(place)) describes \(codec.name) with a clock of \(codec.clock); strict devices ignore it.",
                            [context.number(place)])
                    }
                    if media.isRTP,
                        let codec = media.codecs.first(where: { $0.payload >= 96 && $0.name.isEmpty })
                    {
                        return Evidence(
                            "\(context.agent(place)) offers payload \(codec.payload) and does not say what it is.",
                            [context.number(place)])
                    }
                }
            }
            return nil
        })
}
