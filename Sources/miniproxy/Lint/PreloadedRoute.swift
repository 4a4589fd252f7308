extension LintRule {
    /// A first request with a Route of its own goes wherever that says, past every check that follows.
    static let preloadedRoute = LintRule(
        name: "preloaded-route",
        message: "an INVITE or REFER outside of a dialog is relayed by the Route that it brings along",
        help:
            "loose_route() is true for it, so nothing below is asked, neither for credentials nor for rights; answer 403 when "
            + "has_totag() is false (guide, chapter 10, \"Loose Route Section\")"
    ) { step in
        guard step.relays, step.facts.isRouted == .yes, step.facts.toTag != .yes,
            !step.facts.methods.isDisjoint(with: [.invite, .refer])
        else { return nil }
        return step.script.calls["loose_route"]
    }
}
