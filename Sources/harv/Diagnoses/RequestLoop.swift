import SIPKit

extension Diagnosis {
    static let requestLoop = Diagnosis(
        "R14", "request-loop", .error, .certain,
        "the server sends to itself",
        sees: "483 Too Many Hops, 482 Loop Detected, 513 Message Too Large, a server at full load",
        condition: "the server sends a request to itself three times or more, or the same request enters three times "
            + "with more Vias each time, or 482 or 483 is its own answer",
        why: "it does not know that an address is its own, or a target leads back to it",
        remedy: "domain matching: uri==myself, alias=, the domain table; look on the loopback interface; forwarding "
            + "targets that are again the server; a user forwarded to himself",
        sources:
            "seed 003 Troubleshooting \"483 ... 513\", 001 \"loop detected\", 002 ch. 6 notes 13-16, ch. 10 notes 7, "
            + "9; RFC 5393",
        explains: ["R39", "R16", "R15", "R27", "R40", "R36"],
        examples: [
            .yes("four times to itself", Scene.loop(4)),
            .no("once to itself, which is a spiral by design", Scene.loop(1)),
            .no("a healthy call", Scene.call),
        ],
        .conversation(needs: [.loop]) { (context: CallContext) -> Evidence? in
            var hits: [Int] = []
            for place in context.records.indices
            where context.records[place].isRequest && context.records[place].isSelf && context.records[place].isFirst {
                hits.append(place)
            }
            if hits.count < 3 {
                hits = []
                var counts: [UInt64: [Int]] = [:]
                for place in context.records.indices {
                    let record = context.records[place]
                    guard record.isRequest, record.passage != .repeated,
                        context.servers.contains(record.destination) || record.passage == .relayed
                    else { continue }
                    counts[record.endToEnd, default: []].append(place)
                }
                // Each server of a chain is entered once; whoever is entered three times is in a loop.
                for places in counts.values {
                    var entered: [SocketAddress: Int] = [:]
                    for place in places { entered[context.records[place].destination, default: 0] += 1 }
                    if entered.values.contains(where: { $0 >= 3 }), places.count > hits.count { hits = places }
                }
            }
            let own = context.records.indices.first {
                let record = context.records[$0]
                return record.isFirst && [482, 483].contains(record.status) && context.isOut(record)
                    && record.viaCount == 1
            }
            // A request that arrived with its hops used up ran in its circle, if any, somewhere else (R16).
            let isSpent = context.records.contains {
                $0.isRequest && $0.isFirst && $0.viaCount == 1 && context.isIn($0) && ($0.hops ?? 70) <= 5
            }
            guard !hits.isEmpty || own != nil && !isSpent else { return nil }
            let first = hits.first ?? own ?? 0
            let uri = hits.last.flatMap { context.requestURI($0) }
            let target = uri?.text ?? context.callee(first)
            guard !hits.isEmpty else {
                return Evidence(
                    "The server answered \(context.records[first].status) itself: the call for \(target) had run in a circle.",
                    [context.number(first)])
            }
            return Evidence(
                "The server sent the request for \(target) to itself \(hits.count) times, because it does not know that \(uri?.host ?? "the target") is its own.",
                Array(hits.prefix(4).map { context.number($0) }))
        })
}
