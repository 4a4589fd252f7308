extension LintRule {
    static let contactOfRegister = LintRule(
        name: "contact-of-register",
        message: "the Contact of a REGISTER is rewritten",
        help:
            "the phone does not find its own contact in the answer and registers anew, and a Contact with `*` breaks; use "
            + "fix_nated_register(), which keeps the real address beside it (guide, chapter 8)"
    ) { step in
        guard step.function == "fix_nated_contact", step.facts.methods == .register else { return nil }
        return step.range
    }
}
