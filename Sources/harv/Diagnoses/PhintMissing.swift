import SIPKit

extension Diagnosis {
    static let phintMissing = Diagnosis(
        "O1", "phint-missing", .notice, .certain,
        "relayed without a route label",
        sees: "nobody can tell which part of the script sent a request",
        condition: "relayed requests without a P-hint header",
        why: "labels make traces readable and are what this report's table of routes is made from",
        remedy: "append_hf(\"P-hint: USRLOC\\r\\n\") in each branch",
        sources: "seed 003 \"Labeling Outbound Requests\"; 000 (none)",
        explains: [],
        examples: [
            .yes(
                "no label",
                Scene.call.without("P-hint", in: "INVITE out").without("P-hint", in: "ACK out").without(
                    "P-hint", in: "BYE out")),
            .no("labels", Scene.call),
        ],
        .population { (population: Population) -> [Evidence] in
            let (all, labelled) = (population.summary.relayedRequests, population.summary.labelledRequests)
            guard all > 0, labelled < all else { return [] }
            let share = NumberText.fixed(100 * Double(all - labelled) / Double(all), 0)
            return [
                Evidence(
                    "\(share) % of relayed requests (\(all - labelled) of \(all)) carry no route label, so nobody can tell which part of the script sent them."
                )
            ]
        })
}
