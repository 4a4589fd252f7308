extension LintRule {
    /// Calls are authenticated when they begin, and may be turned elsewhere by anybody afterwards.
    static let unauthenticatedDialog = LintRule(
        name: "unauthenticated-dialog",
        message: "an INVITE inside a dialog is relayed without credentials, though the first one needs them",
        help: "a To tag is easily made up; ask with proxy_authorize() under loose_route() as well (guide, chapter 10)"
    ) { step in
        guard step.relays, step.facts.isRouted == .yes, step.facts.toTag == .yes, step.facts.methods.contains(.invite),
            step.script.uses("proxy_authorize", "auth_check"), !step.facts.isVouchedFor
        else { return nil }
        return step.script.calls["loose_route"]
    }
}
