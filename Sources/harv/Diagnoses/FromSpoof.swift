import SIPKit

extension Diagnosis {
    static let fromSpoof = Diagnosis(
        "S4", "from-spoof", .warning, .certain,
        "calls as a local user without proof",
        sees: "calls that a user swears he never made",
        condition:
            "a call with a From in a domain of the server is relayed without a login, from an address that never "
            + "logged in and is not registered for that user, while four in five calls come with a login",
        why: "anybody can write any name into From",
        remedy: "SER: search(\"^(f|From):.*example.net\") and proxy_authorize(); Kamailio: from_uri==myself in "
            + "route[AUTH]",
        sources: "seed 003 Authentication Policy",
        explains: [],
        examples: [
            .yes(
                "alice calls from an unknown address",
                Scene.guarded(label: "USRLOC", then: Scene.call.from("INVITE in", "203.0.113.77:5060"))),
            .no("from where she is registered", Scene.guarded(label: "USRLOC", then: Scene.call)),
            .no(
                "a server that asks nobody",
                Scene.register.then(Scene.call.from("INVITE in", "203.0.113.77:5060"), after: 100, as: "a call")),
        ],
        .population { (population: Population) -> [Evidence] in
            population.ledgers.trust.calls(.spoof, population).map {
                Evidence("\($0.source) calls as \($0.fromUser)@\($0.fromHost) without proof.", [$0.message]).of(
                    $0.callID, $0.time)
            }
        })
}
