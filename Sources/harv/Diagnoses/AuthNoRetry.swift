import SIPKit

extension Diagnosis {
    static let authNoRetry = Diagnosis(
        "A3", "auth-no-retry", .warning, .likely,
        "gave up at the challenge",
        sees: "a phone does not get in and does not try",
        condition: "a request is challenged, and no request with credentials follows from that source for 32 s, nor "
            + "anything that only such a request brings about (which the trace may lack)",
        why: "the phone has no account for the realm, or does not know the realm",
        remedy: "the realm must equal the server name in the Request-URI for Windows Messenger; else the account is "
            + "missing in the phone",
        sources: "seed 003 Troubleshooting \"Windows Messenger authentication fails\"",
        explains: [],
        examples: [
            .yes("no retry", Scene.register.dropping("REGISTER again in", "200 out")),
            .no("a retry", Scene.register),
            .no("the retry is not in the trace, and its answer is", Scene.register.dropping("REGISTER again in")),
        ],
        .conversation(needs: [.challenge]) { (context: CallContext) -> Evidence? in
            guard !context.conversation.traits.contains(.hasCredentials),
                let place = context.records.firstIndex(where: { $0.isChallenge && context.isOut($0) }),
                context.wentOn(32, after: place), !context.wentOn(behindChallenge: place)
            else { return nil }
            let realm = context.challenge(place)?.realm ?? ""
            return Evidence(
                "\(context.caller(place)) gave up after the challenge for realm \(realm).", [context.number(place)])
        })
}

extension CallContext {
    /// Whether what was challenged went on with a higher number: answered otherwise, or passed on.
    func wentOn(behindChallenge place: Int) -> Bool {
        let challenge = self.records[place]
        return self.records.contains {
            $0.method == challenge.method && $0.cSeq > challenge.cSeq
                && ($0.isRequest ? self.isOut($0) : !$0.isChallenge && $0.status > 100)
        }
    }
}
