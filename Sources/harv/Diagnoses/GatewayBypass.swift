import SIPKit

extension Diagnosis {
    static let gatewayBypass = Diagnosis(
        "S8", "gateway-bypass", .critical, .likely,
        "gateway called past the server",
        sees: "a telephone bill with calls that no accounting has",
        condition: "an INVITE goes to a gateway (its route label says so, or it is called with numbers only) from an "
            + "address that is no server",
        why: "who knows the gateway's address needs no login there",
        remedy: "let the gateway and a packet filter in front of it accept SIP from the server only",
        sources: "seed 003 Access Control",
        explains: [],
        examples: [
            .yes(
                "an INVITE straight to the gateway",
                Scene.guarded(
                    label: "GATEWAY",
                    then: Scene.onlyInvite.from("INVITE in", "203.0.113.77:5060").to("INVITE in", Scene.callee))),
            .yes(
                "an INVITE straight to a gateway that the command line names (--gateway)",
                Scene.onlyInvite.from("INVITE in", "203.0.113.77:5060").to("INVITE in", Scene.callee).knowing {
                    $0.gateways = [IPAddress(v4: 0xC633_6407)]
                }),
            .no("through the server", Scene.guarded(label: "GATEWAY", then: Scene.challengedCall)),
            .no(
                "straight to a phone",
                Scene.guarded(
                    label: "USRLOC",
                    then: Scene.onlyInvite.from("INVITE in", "203.0.113.77:5060").to("INVITE in", Scene.callee))),
        ],
        .population { (population: Population) -> [Evidence] in
            let hops = population.ledgers.hops
            return hops.strangers.filter { hops.isGateway($0.key) }.sorted { "\($0.key)" < "\($1.key)" }.flatMap {
                $0.value.evidence
            }
        })
}
