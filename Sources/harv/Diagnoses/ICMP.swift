import SIPKit

extension Diagnosis {
    static let icmpMessages = Diagnosis(
        "O11", "icmp", .warning, .certain,
        "routers say \"unreachable\"",
        sees: "some hosts cannot be reached",
        condition: "ICMP in the trace: port or host unreachable, packet too big, redirect",
        why: "the next hop is down, a route is missing or wrong",
        remedy: "see the addresses in the finding",
        sources: "seed 001 \"ICMP Redirect real experience\"",
        explains: [],
        examples: [
            .yes("port unreachable", Scene.call.refusedByRouter),
            .no("no ICMP", Scene.call),
        ],
        .population { (population: Population) -> [Evidence] in
            population.summary.icmp.sorted { $0.value > $1.value }.prefix(20).map { note, count in
                let text =
                    switch (note.type, note.code) {
                    case (3, 3): "\(note.from) says that a port is closed there"
                    case (3, 4): "\(note.from) says that a packet was too big"
                    case (3, _): "\(note.from) says that a host cannot be reached"
                    case (5, _): "\(note.from) tells \(note.to) to use another gateway: a routing table is wrong"
                    default: "ICMP \(note.type):\(note.code) from \(note.from)"
                    }
                return Evidence("\(text) (\(count) times).", count: count)
            }
        })
}
