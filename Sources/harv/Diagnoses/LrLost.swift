import SIPKit

extension Diagnosis {
    static let lrLost = Diagnosis(
        "R12", "lr-lost", .error, .certain,
        "a device dropped the lr mark",
        sees: "requests during calls go astray for some devices",
        condition: "Record-Route left with lr, and Route came back for the same host without",
        why: "without lr the server takes the route for one of the old strict kind and misroutes",
        remedy: "modparam(\"rr\", \"enable_full_lr\", 1), which writes lr=on",
        sources: "seed 002 ch. 6 note 11",
        explains: ["R1"],
        examples: [
            .yes("the ACK's Route has lost it", Scene.call.replacing("ACK in", ";lr", "")),
            .no("it is there", Scene.call),
        ],
        .call(needs: [.routed, .relayedRequest, .any(.hasRecordRoute), .any(.hasStrictRoute)]) {
            (context: CallContext) -> Evidence? in
            guard let facts = context.facts, let copy = facts.inviteCopy,
                context.records[copy].traits.contains(.hasRecordRoute)
            else { return nil }
            for place in context.records.indices
            where context.records[place].isRequest && context.records[place].traits.contains(.hasRoute) {
                guard context.records[place].toTag != 0, context.isIn(context.records[place]),
                    !context.holds(place, .route, ";lr"), let back = context.uri(place, .route),
                    let route = context.uri(copy, .recordRoute), route.text.holds(";lr"), back.host == route.host
                else { continue }
                return Evidence(
                    "\(context.agent(place)) dropped the lr mark, so the server takes the route for an old strict one and misroutes.",
                    [context.number(copy), context.number(place)])
            }
            return nil
        })
}
