extension LintRule {
    /// The sender of a request that ends here hears nothing, and asks again for half a minute.
    static let silentEnd = LintRule(
        name: "silent-end",
        message: "the script ends here for some requests without an answer and without relaying",
        help: "their sender repeats them until it gives up; answer with sl_send_reply(), or relay"
    ) { step in
        guard step.function == nil, !step.facts.isAnswered, !step.facts.isRelayed,
            !step.facts.methods.subtracting(.ack).isEmpty
        else { return nil }
        return step.range
    }
}
