extension LintRule {
    static let reinviteBehindNAT = LintRule(
        name: "reinvite-behind-nat",
        message: "an INVITE inside a dialog is relayed without the NAT handling that the first one gets",
        help:
            "after a hold or a codec change there is no sound; test for NAT and call the media relay under loose_route() as "
            + "well (guide, chapter 8)"
    ) { step in
        guard step.relays, step.facts.isRouted == .yes, step.facts.methods.contains(.invite), !step.facts.testsNAT,
            step.facts.mediaRelays == 0, step.script.uses("nat_uac_test", "client_nat_test"),
            !LintScript.mediaFunctions.isDisjoint(with: step.script.calls.keys)
        else { return nil }
        return step.script.calls["loose_route"]
    }
}
