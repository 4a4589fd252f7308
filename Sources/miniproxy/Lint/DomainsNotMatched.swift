extension LintRule {
    /// Without asking whose a request is, what is for us is sent to us.
    static let domainsNotMatched = LintRule(
        name: "domains-not-matched",
        message: "the script never asks whether a request is for this server",
        help:
            "what is for us and finds no user is sent to ourselves until its hops are used up, and what is for others is "
            + "taken for ours; test uri==myself or is_uri_host_local() (guide, chapter 6, \"Call Type Processing\")"
    ) { step in
        step.relays && !step.script.comparesTarget && step.facts.isRouted != .yes
            ? step.script.calls[step.function ?? ""] : nil
    }
}
