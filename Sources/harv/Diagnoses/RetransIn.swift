import SIPKit

extension Diagnosis {
    static let retransIn = Diagnosis(
        "R22", "retrans-in", .warning, .certain,
        "requests repeated to the server",
        sees: "load that need not be",
        condition: "a client repeats a request to the server",
        why: "the answer was late, went astray, was lost on the way, or never left",
        remedy: "see the reason in the finding",
        sources: "seed 003; RFC 3261 section 17.1",
        explains: [],
        examples: [
            .yes("a BYE twice", Scene.call.again("BYE in", after: 0.5)),
            .no("nothing twice", Scene.call),
        ],
        .conversation(needs: [.repeated]) { (context: CallContext) -> Evidence? in
            for place in context.records.indices
            where context.records[place].isRequest && context.isIn(context.records[place])
                && context.records[place].isFirst
            {
                let repeats = context.repeats(of: place)
                guard let first = repeats.first, context.records[place].method != .ack else { continue }
                let answers = context.answers(to: place)
                let reason =
                    if let answer = answers.first {
                        context.seconds(place, answer) > 0.5
                            ? "the answer came after \(NumberText.fixed(context.seconds(place, answer), 2)) s"
                            : "the answer left in time and was lost"
                    } else {
                        "no answer left"
                    }
                return Evidence(
                    "\(context.records[place].source) had to repeat \(context.records[place].method.name) \(repeats.count) times, first after "
                        + "\(NumberText.fixed(context.seconds(place, first) * 1000, 0)) ms: \(reason).",
                    [context.number(place), context.number(first)])
            }
            return nil
        })
}
