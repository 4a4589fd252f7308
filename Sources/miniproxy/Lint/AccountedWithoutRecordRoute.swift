extension LintRule {
    static let accountedWithoutRecordRoute = LintRule(
        name: "accounted-without-record-route",
        message: "a call with the accounting flag is relayed without record_route()",
        help: "its BYE will not come this way, so the end of the call is never accounted"
    ) { step in
        guard step.relays, step.script.accountingFlags & step.facts.flags != 0, step.facts.methods.contains(.invite),
            !step.facts.isRecordRouted, step.facts.isRouted != .yes
        else { return nil }
        return step.range
    }
}
