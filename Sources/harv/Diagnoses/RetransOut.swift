import SIPKit

extension Diagnosis {
    static let retransOut = Diagnosis(
        "R23", "retrans-out", .warning, .certain,
        "first answer slower than 0.5 s",
        sees: "slow set-up",
        condition: "the server repeats a request to the next hop",
        why: "no answer came within half a second; a first repeat before 400 ms is an old server's one-second "
            + "clock and harmless",
        remedy: "look at the next hop: asleep, far away, overloaded, or dead",
        sources: "seed 000 (INVITE after 451 ms, BYE after 45 ms), 002 ch. 4; RFC 3261 section 17.1.1.2",
        explains: [],
        examples: [
            .yes("an INVITE twice", Scene.call.later(from: "180 in", by: 1).again("INVITE out", after: 0.5)),
            .no("nothing twice", Scene.call),
        ],
        .conversation(needs: [.repeated]) { (context: CallContext) -> Evidence? in
            var parts: [String] = []
            var places: [Int] = []
            for place in context.records.indices {
                let record = context.records[place]
                guard record.isRequest, record.passage == .relayed || record.isFirst, context.isOut(record) else {
                    continue
                }
                guard let first = context.repeats(of: place).first else { continue }
                let delay = NumberText.fixed(context.seconds(place, first) * 1000, 0)
                let answer = context.answers(to: place).first
                if context.seconds(place, first) < 0.4 {
                    parts.append("\(record.method.name) again after only \(delay) ms: the server's own clock, not loss")
                } else if let answer {
                    parts.append(
                        "\(context.callee(place)) needed \(NumberText.fixed(context.seconds(place, answer), 2)) s before its first reply, so the server repeated \(record.method.name) after \(delay) ms"
                    )
                } else {
                    parts.append(
                        "\(context.callee(place)) gave no reply to \(record.method.name), repeated after \(delay) ms")
                }
                places += [place, first]
            }
            guard !parts.isEmpty else { return nil }
            return Evidence(parts.prefix(3).joined(separator: "; ") + ".", places.map { context.number($0) })
        })
}
