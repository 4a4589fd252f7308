import SIPKit

extension Diagnosis {
    static let pstnUnauthenticated = Diagnosis(
        "S3", "pstn-unauthenticated", .critical, .certain,
        "a call to a gateway without a login",
        sees: "a telephone bill",
        condition: "an INVITE from an address that never logged in nor registered nor is called goes to a gateway (its "
            + "route label says so, or it is called with numbers only), while four in five calls come with a login",
        why: "who places calls on a gateway spends money",
        remedy:
            "proxy_authorize() before every branch that leads to a gateway; allow_trusted() for gateways' own calls; "
            + "on the gateway, accept SIP from the server only",
        sources: "seed 003 Access Control; 002 ch. 7, ch. 9",
        explains: [],
        examples: [
            .yes(
                "without login from an unknown address",
                Scene.guarded(label: "GATEWAY", then: Scene.call.from("INVITE in", "203.0.113.77:5060"))),
            .no(
                "to a user and not to a gateway, from another domain",
                Scene.guarded(
                    label: "USRLOC",
                    then: Scene.call.from("INVITE in", "203.0.113.77:5060").replacing(
                        "*", "alice@example.net", "eve@elsewhere.example"))),
            .no(
                "from a trusted peer (--trust)",
                Scene.guarded(label: "GATEWAY", then: Scene.call.from("INVITE in", "203.0.113.77:5060")).knowing {
                    $0.trusted = [.init(IPAddress(v4: 0xCB00_714D))]
                }),
            .no("with a login", Scene.guarded(label: "GATEWAY", then: Scene.challengedCall)),
        ],
        .population { (population: Population) -> [Evidence] in
            population.ledgers.trust.calls(.gateway, population).map {
                Evidence("A call to \($0.uri) went out without a login, from \($0.source).", [$0.message]).of(
                    $0.callID, $0.time)
            }
        })
}
