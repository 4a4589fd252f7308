extension LintRule {
    static let hopsNotCounted = LintRule(
        name: "hops-not-counted",
        message: "requests are relayed without counting Max-Forwards down",
        help: "two servers that point to one another send such a request for ever; begin with "
            + "mf_process_maxfwd_header(\"10\") and answer 483 (guide, chapter 6, \"Sanity Check Section\")"
    ) { step in
        step.relays && !step.facts.countsHops ? step.script.calls[step.function ?? ""] : nil
    }
}
