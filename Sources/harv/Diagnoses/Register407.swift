import SIPKit

extension Diagnosis {
    static let register407 = Diagnosis(
        "A8", "register-407", .notice, .certain,
        "REGISTER challenged with 407",
        sees: "some clients never answer it",
        condition: "a REGISTER gets 407 and Proxy-Authenticate",
        why: "a registrar is no proxy: RFC 3261 section 10.3 has it challenge with 401",
        remedy: "www_challenge instead of proxy_challenge",
        sources: "seed 001",
        explains: [],
        examples: [
            .yes("407", Scene.register.replacing("401 out", "401 Unauthorized", "407 Proxy Authentication Required")),
            .no("401", Scene.register),
        ],
        .registration(needs: [.challenge]) { (context: CallContext) -> Evidence? in
            guard
                let place = context.records.indices.first(where: {
                    context.records[$0].isAnswer(to: .register) && context.records[$0].status == 407
                })
            else { return nil }
            return Evidence("REGISTER is challenged with 407; some clients never answer that.", [context.number(place)])
        })
}
