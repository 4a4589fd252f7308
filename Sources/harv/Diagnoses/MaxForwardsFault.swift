import SIPKit

extension Diagnosis {
    static let maxForwardsFault = Diagnosis(
        "R16", "max-forwards", .info, .certain,
        "Max-Forwards lowered or kept",
        sees: "nothing, until a path is long or a loop begins",
        condition:
            "a server lowers Max-Forwards by more than one (info), does not lower it (warning), it is missing on "
            + "arrival (notice), or arrives at 5 or less (warning)",
        why: "it is the only thing that ends a loop; old SER capped it at 16",
        remedy: "maxfwd max_limit 70; always call mf_process_maxfwd_header(\"10\") first",
        sources: "seed 000 (70 to 16 three times), 002 ch. 6 note 13",
        explains: [],
        examples: [
            .yes("70 becomes 16", Scene.call.replacing("INVITE out", "Max-Forwards: 69", "Max-Forwards: 16")),
            .yes("70 stays 70", Scene.call.replacing("INVITE out", "Max-Forwards: 69", "Max-Forwards: 70")),
            .no("70 becomes 69", Scene.call),
        ],
        .conversation(needs: [.oddHops]) { (context: CallContext) -> Evidence? in
            var worst: Evidence? = nil
            func offer(_ evidence: Evidence) {
                if (evidence.severity ?? .info) > (worst?.severity ?? .info) || worst == nil { worst = evidence }
            }
            for (inPlace, out) in context.pairs where context.records[out].isRequest {
                guard let a = context.records[inPlace].hops, let b = context.records[out].hops else { continue }
                if b >= a, context.isOut(context.records[out]) {
                    offer(
                        Evidence(
                            "The server does not count Max-Forwards down (\(a) stays \(b)); loops will not end.",
                            [context.number(inPlace), context.number(out)], severity: .warning))
                } else if b < a - 1 {
                    offer(
                        Evidence(
                            "The server lowered Max-Forwards from \(a) to \(b) (a module's limit); fine unless calls pass many hops.",
                            [context.number(inPlace), context.number(out)], severity: .info))
                }
            }
            for place in context.records.indices {
                let record = context.records[place]
                guard record.isRequest, record.isFirst, record.viaCount == 1, context.isIn(record) else { continue }
                if let value = record.hops, value <= 5 {
                    offer(
                        Evidence(
                            "\(record.method.name) arrived with Max-Forwards \(value): a long path or a loop upstream.",
                            [context.number(place)], severity: .warning))
                } else if record.hops == nil, record.method != .ack {
                    offer(
                        Evidence(
                            "\(context.agent(place)) sends no Max-Forwards: an old device.", [context.number(place)],
                            severity: .notice))
                }
            }
            return worst
        })
}
