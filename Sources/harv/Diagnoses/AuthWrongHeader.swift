import SIPKit

extension Diagnosis {
    static let authWrongHeader = Diagnosis(
        "A2", "auth-wrong-header", .error, .certain,
        "challenge answered by wrong header",
        sees: "a phone never gets in although its password is right",
        condition: "a 401 is answered with Proxy-Authorization, or a 407 with Authorization",
        why: "RFC 3261 sections 22.2 and 22.3: each challenge has its own header",
        remedy: "update the device; challenge REGISTER with 401 and the rest with 407",
        sources: "RFC 3261 sections 22.2-22.3",
        explains: ["A1", "A3"],
        examples: [
            .yes(
                "401 answered with Proxy-Authorization",
                Scene.register.replacing("REGISTER again in", "Authorization: Digest", "Proxy-Authorization: Digest")),
            .no("the right header", Scene.register),
        ],
        .conversation(needs: [.challenge, .any(.hasCredentials)]) { (context: CallContext) -> Evidence? in
            for place in context.records.indices where context.records[place].isChallenge {
                let challenge = context.records[place]
                guard
                    let next = context.records.indices.first(where: {
                        $0 > place && context.records[$0].isRequest && context.records[$0].isFirst
                            && context.records[$0].method == challenge.method
                            && context.records[$0].traits.contains(.hasCredentials)
                    })
                else { continue }
                let traits = context.records[next].traits
                let (has401, has407) = (traits.contains(.hasAuthorization), traits.contains(.hasProxyAuthorization))
                guard challenge.status == 401 ? !has401 && has407 : has401 && !has407 else { continue }
                return Evidence(
                    "\(context.agent(next)) answers a \(challenge.status) with the wrong header.",
                    [context.number(place), context.number(next)])
            }
            return nil
        })
}
