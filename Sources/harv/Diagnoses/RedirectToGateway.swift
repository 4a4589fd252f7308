import SIPKit

extension Diagnosis {
    static let redirectToGateway = Diagnosis(
        "S6", "redirect-to-gateway", .critical, .certain,
        "gateway was told to call elsewhere",
        sees: "calls that nobody accounts",
        condition: "a 3xx answer is sent to a gateway (its route label says so, or it is called with numbers only)",
        why: "the gateway may place the call itself, past the server, its checks and its accounting",
        remedy:
            "answer redirections on the server (a failure route that follows the Contact) and never towards a gateway",
        sources: "seed 002 ch. 10 (its warning on redirection)",
        explains: [],
        examples: [
            .yes(
                "302 to the gateway",
                Scene.guarded(
                    label: "GATEWAY",
                    then: Scene.answeredByServer(302, "Moved Temporarily").from("INVITE in", Scene.callee).to(
                        "final out", Scene.callee))),
            .no(
                "302 to a phone",
                Scene.guarded(label: "GATEWAY", then: Scene.answeredByServer(302, "Moved Temporarily"))),
        ],
        .population { (population: Population) -> [Evidence] in
            let hops = population.ledgers.hops
            return hops.redirected.filter { hops.isGateway($0.key) }.sorted { "\($0.key)" < "\($1.key)" }.flatMap {
                $0.value.evidence
            }
        })
}
