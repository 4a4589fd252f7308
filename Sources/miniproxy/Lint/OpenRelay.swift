extension LintRule {
    /// Anybody may send to anywhere through us: where the target is another's domain, nobody was asked for the sender.
    static let openRelay = LintRule(
        name: "open-relay",
        message: "a request to another domain is relayed for anybody",
        help:
            "whoever finds this server can call through it and hide behind it; before relaying let proxy_authorize() or "
            + "allow_trusted() say who sends, or answer 403 (guide, chapter 7, \"Authenticating\")"
    ) { step in
        guard step.relays, step.facts.target == .foreign, step.facts.isRouted != .yes, !step.facts.isVouchedFor,
            !step.facts.isClaimed,
            !step.facts.methods.isDisjoint(with: PathFacts.Methods.all.subtracting(.following).subtracting(.register))
        else { return nil }
        return step.range
    }
}
