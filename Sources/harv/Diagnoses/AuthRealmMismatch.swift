import SIPKit

extension Diagnosis {
    static let authRealmMismatch = Diagnosis(
        "A4", "auth-realm-mismatch", .error, .certain,
        "password asked for another realm",
        sees: "a phone with the right password is refused",
        condition: "credentials are refused, and their realm differs from the challenge's, or from the domain of the "
            + "From URI",
        why: "stored passwords are bound to a realm; asked for another one, the right password is wrong",
        remedy: "www_authorize(\"realm\", ...) and proxy_authorize(\"realm\", ...) with the realm of the accounts: "
            + "usually the domain that users have in their URI",
        sources:
            "seed 003 User Management (realm bound to stored credentials); 003 Troubleshooting \"Windows Messenger "
            + "authentication fails\"",
        explains: ["A1", "A3"],
        examples: [
            .yes(
                "the server asks for another realm than the domain, and refuses twice",
                Scene.refusedLogin("other.example")),
            .no("the realm is the domain", Scene.refusedLogin("example.net")),
            .no(
                "another realm, but the login is accepted",
                Scene.register.replacing("401 out", "realm=\"example.net\"", "realm=\"other.example\"").replacing(
                    "REGISTER again in", "realm=\"example.net\"", "realm=\"other.example\"")),
        ],
        .conversation(needs: [.challenge, .refusedLogin]) { (context: CallContext) -> Evidence? in
            guard let refused = context.refusedLogins.first else { return nil }
            let asked = refused.challenge.realm
            let answered = refused.credentials.realm
            if !asked.isEmpty, !answered.isEmpty, asked != answered {
                return Evidence(
                    "The server asks for realm \(asked), the phone answers for \(answered).",
                    [refused.answer, refused.request])
            }
            guard !context.hasAcceptedLogin, let domain = context.domain, !answered.isEmpty, domain != answered else {
                return nil
            }
            return Evidence(
                "The server asks for realm \(answered), but the account belongs to \(domain).",
                [refused.request, refused.answer])
        })
}
