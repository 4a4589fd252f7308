import SIPKit

extension Diagnosis {
    static let missedCalls = Diagnosis(
        "C9", "missed-calls", .info, .certain,
        "calls that nobody took",
        sees: "nothing; people ask for the list",
        condition: "calls that rang and were not answered, that were busy, or that found nobody registered",
        why: "nothing is wrong with the server",
        remedy: "voice mail, or a list for the callee",
        sources: "seed 003",
        explains: [],
        examples: [
            .yes("it rang, the caller gave up", Scene.cancelled),
            .yes("busy", Scene.refused(486, "Busy Here")),
            .no("answered", Scene.call),
        ],
        .population { (population: Population) -> [Evidence] in
            let absences = population.ledgers.absences
            guard absences.missedCount > 0 else { return [] }
            let worst = absences.worst.map { "\($0.name) \($0.calls)" }.joined(separator: ", ")
            return [
                Evidence(
                    "\(absences.missedCount) call\(absences.missedCount == 1 ? " was" : "s were") missed; most by: \(worst).",
                    count: absences.missedCount)
            ]
        })
}
