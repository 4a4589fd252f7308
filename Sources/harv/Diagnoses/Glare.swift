import SIPKit

extension Diagnosis {
    static let glare = Diagnosis(
        "R33", "glare", .info, .certain,
        "both sides changed the call at once",
        sees: "hold or a transfer takes a moment longer",
        condition: "491 Request Pending; a warning when it happens more than three times in one call",
        why: "each side had sent a re-INVITE when the other's came; after 491 both wait for different times and retry",
        remedy: "nothing, when it passes; else look at devices that retry without waiting",
        sources: "RFC 3261 §14.1",
        explains: [],
        examples: [
            .yes("one 491", Scene.refused(491, "Request Pending")),
            .no("no 491", Scene.call),
        ],
        .call(needs: [.glare]) { (context: CallContext) -> Evidence? in
            let places = context.records.indices.filter {
                context.records[$0].status == 491 && context.records[$0].isFirst
            }
            guard let first = places.first else { return nil }
            return Evidence(
                "Both sides of the call to \(context.callee(first)) changed it at the same time (491, \(places.count) times).",
                places.prefix(5).map { context.number($0) }, severity: places.count > 3 ? .warning : nil)
        })
}
