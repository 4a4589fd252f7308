import SIPKit

extension Diagnosis {
    static let openRelay = Diagnosis(
        "S2", "open-relay", .critical, .certain,
        "used by strangers for strangers",
        sees: "traffic of nobody's customers",
        condition: "a call from an address that never logged in nor registered nor is called, with neither From nor "
            + "Request-URI in a domain of the server (those that phones register in), is relayed",
        why: "the server passes on what it is no party to",
        remedy:
            "instead of if (uri!=myself) route(1): is_uri_host_local(), is_from_local(), allow_trusted(), else 403; "
            + "Kamailio's block \"Not relaying\"",
        sources: "seed 002 ch. 7 (open relay), ch. 9 notes 8-12",
        explains: ["S4"],
        examples: [
            .yes(
                "from one foreign domain to another",
                Scene.guarded(
                    label: "USRLOC",
                    then: Scene.call.from("INVITE in", "203.0.113.77:5060").replacing(
                        "*", "alice@example.net", "eve@elsewhere.example"
                    ).replacing("INVITE in", "INVITE sip:bob@example.net", "INVITE sip:bob@other.example"))),
            .no(
                "from outside to a user of ours",
                Scene.guarded(
                    label: "USRLOC",
                    then: Scene.call.from("INVITE in", "203.0.113.77:5060").replacing(
                        "*", "alice@example.net", "eve@elsewhere.example"))),
            .no("a user of ours", Scene.guarded(label: "USRLOC", then: Scene.challengedCall)),
        ],
        .population { (population: Population) -> [Evidence] in
            population.ledgers.trust.calls(.relay, population).map {
                Evidence("\($0.source) used your server to call \($0.uri) without logging in.", [$0.message]).of(
                    $0.callID, $0.time)
            }
        })
}
