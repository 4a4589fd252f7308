extension LintRule {
    static let lengthNotLimited = LintRule(
        name: "length-not-limited",
        message: "requests are relayed however long they are",
        help: "compare msg:len with max_len and answer 513 (guide, chapter 6, \"Sanity Check Section\")"
    ) { step in
        step.relays && !step.facts.limitsLength ? step.script.calls[step.function ?? ""] : nil
    }
}
