import SIPKit

extension Diagnosis {
    static let authNoRetry = Diagnosis(
        "A3", "auth-no-retry", .warning, .likely,
        "gave up at the challenge",
        sees: "a phone does not get in and does not try",
        condition: "a request is challenged, and no request with credentials follows from that source for 32 s",
        why: "the phone has no account for the realm, or does not know the realm",
        remedy: "the realm must equal the server name in the Request-URI for Windows Messenger; else the account is "
            + "missing in the phone",
        sources: "seed 003 Troubleshooting \"Windows Messenger authentication fails\"",
        explains: [],
        examples: [
            .yes("no retry", Scene.register.dropping("REGISTER again in", "200 out")),
            .no("a retry", Scene.register),
        ],
        .conversation(needs: [.challenge]) { (context: CallContext) -> Evidence? in
            guard !context.conversation.traits.contains(.hasCredentials),
                let place = context.records.firstIndex(where: { $0.isChallenge && context.isOut($0) }),
                context.wentOn(32, after: place)
            else { return nil }
            let realm = context.challenge(place)?.realm ?? ""
            return Evidence(
                "\(context.caller(place)) gave up after the challenge for realm \(realm).", [context.number(place)])
        })
}
