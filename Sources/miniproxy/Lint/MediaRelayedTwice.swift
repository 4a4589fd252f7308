extension LintRule {
    static let mediaRelayedTwice = LintRule(
        name: "media-relayed-twice",
        message: "the media relay is called a second time for the same message",
        help:
            "the SDP is rewritten twice and names ports that nobody knows; remember the first call with a flag (guide, "
            + "chapter 8, flag 8)"
    ) { step in
        guard let function = step.function, LintScript.mediaFunctions.contains(function), step.facts.mediaRelays > 0
        else {
            return nil
        }
        return step.range
    }
}
