import SIPKit

extension Diagnosis {
    static let asymmetricClient = Diagnosis(
        "N20", "asymmetric-client", .info, .likely,
        "sends and listens on other ports",
        sees: "a phone that fails as soon as answers are forced to the port it sent from",
        condition: "requests come from another port than Via and Contact name, from the address they name, and the "
            + "answers to the named port are heard",
        why: "old gateways and some phones use one socket to send and another to listen",
        remedy: "list it in mediaproxy's sip_asymmetrics file; no force_rport() for it",
        sources: "seed 002 ch. 8 notes 12-13",
        explains: [],
        examples: [
            .yes("the answer to the named port is heard", Scene.guessedPort(worksThere: true)),
            .no("the answer is not heard", Scene.guessedPort(worksThere: false)),
            .no("a phone behind a NAT", Scene.register),
        ],
        .conversation(needs: [.any(.hasOtherPort)]) { (context: CallContext) -> Evidence? in
            guard let shown = context.answerToShownPort, !shown.isUnheard,
                context.records.indices.contains(where: {
                    $0 > shown.answer && context.records[$0].source == context.records[shown.request].source
                })
            else { return nil }
            return Evidence(
                "\(context.agent(shown.request)) sends from one port (\(context.records[shown.request].source.port)) and listens on another (\(shown.port)); do not force replies to the source port for it.",
                [context.number(shown.request), context.number(shown.answer)])
        })
}
