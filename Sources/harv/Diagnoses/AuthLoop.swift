import SIPKit

extension Diagnosis {
    static let authLoop = Diagnosis(
        "A1", "auth-loop", .error, .certain,
        "same password refused each time",
        sees: "a phone cannot register; three or more tries, always the same answer",
        condition: "two answers 401 or 407 or more to requests that did carry credentials for that realm, without "
            + "stale=true",
        why: "the first challenge is normal, the second is the refusal",
        remedy: "password (HA1) and realm in the subscriber table (calculate_ha1, password_column), "
            + "www_authorize(\"realm\", ...) equal to the account's realm; try without qop for old phones; challenge "
            + "REGISTER by www_challenge (401)",
        sources: "seed 001 \"SIP Register ... eXosip2\" (407 loop, the same nonce three times), 002 ch. 7 note 14; RFC "
            + "2617, 7616",
        explains: ["A3", "A6"],
        examples: [
            .yes("refused twice with credentials", Scene.refusedLogin("example.net")),
            .no("one challenge, then success", Scene.register),
            .no(
                "the nonce was stale",
                Scene.refusedLogin("example.net").replacing("401 again out", "nonce=\"n1\"", "nonce=\"n2\", stale=true")
            ),
        ],
        .conversation(needs: [.challenge, .refusedLogin]) { (context: CallContext) -> Evidence? in
            let refused = context.refusedLogins.filter { !$0.challenge.isStale }
            guard refused.count >= 2, let last = refused.last else { return nil }
            let nonces = Set(refused.map(\.challenge.nonce))
            let sub =
                nonces.count == 1
                ? "the same nonce was offered each time: wrong password, user or realm"
                : "the nonce changes each time: the server may not accept its own nonces (clock, several servers with different secrets), or the password is wrong"
            let accepted = context.hasAcceptedLogin
            return Evidence(
                "\(last.credentials.user) answered the challenge \(refused.count) times and was refused each time: \(sub).",
                refused.flatMap { [$0.request, $0.answer] }, severity: accepted ? .notice : nil)
        })
}
