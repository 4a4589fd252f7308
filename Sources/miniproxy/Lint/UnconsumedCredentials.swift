extension LintRule {
    /// The next hop sees who called whom with which digest.
    static let unconsumedCredentials = LintRule(
        name: "unconsumed-credentials",
        message: "the request is relayed with the credentials that were checked here",
        help:
            "they are nobody else's business and can be tried offline; call consume_credentials() after the check (guide, chapter 7)"
    ) { step in
        step.relays && step.facts.isAuthorized && !step.facts.isConsumed ? step.range : nil
    }
}
