extension LintRule {
    /// From says what its writer wants: a request leaves for another's domain because it claims to be from a user of ours.
    static let unprovenSender = LintRule(
        name: "unproven-sender",
        message: "a request to another domain is relayed because its From says that a user of ours sends it",
        help:
            "a stranger who writes your domain into From calls through this server, at your gateway too, whose address he may "
            + "name; for requests that leave let proxy_authorize() and check_from() prove the sender, or let allow_trusted() "
            + "know the host (server guide, \"Authentication Policy\")"
    ) { step in
        guard step.relays, step.facts.target == .foreign, step.facts.isRouted != .yes, step.facts.isClaimed,
            !step.facts.isVouchedFor,
            !step.facts.methods.isDisjoint(with: PathFacts.Methods.all.subtracting(.following).subtracting(.register))
        else { return nil }
        return step.script.calls["is_from_local"]
    }
}
