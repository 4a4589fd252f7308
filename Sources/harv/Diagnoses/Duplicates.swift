import SIPKit

extension Diagnosis {
    static let duplicates = Diagnosis(
        "O8", "duplicates", .info, .certain,
        "the capture has packets twice",
        sees: "nothing",
        condition: "the same packet again within 5 ms",
        why: "a mirror port, two interfaces, or several agents",
        remedy: "none; they are left out of every figure",
        sources: "sngrep and Homer threads",
        explains: [],
        examples: [
            .yes("an INVITE twice within a millisecond", Scene.call.again("INVITE in", after: 0.001)),
            .no("once", Scene.call),
        ],
        .population { (population: Population) -> [Evidence] in
            let count = population.summary.messages.duplicates
            return count > 0
                ? [Evidence("\(count) packets are in the capture twice and were left out once.", count: count)] : []
        })
}
