extension ScriptModule {
    static let auth = ScriptModule(
        "auth", "Digest challenges.",
        parameters: [
            .text("secret", "", "What nonces are made with; random if left out."),
            .number("nonce_expire", 1...1_000_000, 300, "Seconds a nonce is good for."),
            .text("realm_prefix", "", "A prefix of realms that does not count."),
            .text("rpid_prefix", "", "The text before a Remote-Party-ID."),
            .text("rpid_suffix", ";party=calling;id-type=subscriber;screen=yes", "The text behind it."),
            .text("rpid_avp", "s:rpid", "The AVP with the Remote-Party-ID."),
            .text("algorithm", "", "The digest algorithm, MD5 if left out."),
            .yesNo("nonce_count", 0, "Whether `nc` is watched."),
            .yesNo("one_time_nonce", 0, "Whether a nonce is good once."),
            .text("qop", "auth", "The quality of protection."),
            .number("auth_checks_register", 0...31, 0, "Not used."),
            .number("auth_checks_no_dlg", 0...31, 0, "Not used."),
            .number("auth_checks_in_dlg", 0...31, 0, "Not used."), .yesNo("use_domain", 0, "Not used."),
            .yesNo("force_stateless_reply", 0, "Not used."),
        ],
        functions: [
            .wwwChallenge, .proxyChallenge, .authChallenge, .consumeCredentials, .appendRPID, .isRPIDUserE164,
        ])
}

extension ScriptFunction {
    private static let challenge = [
        Parameter("realm", .text, "The realm; \"\" is the host of To for REGISTER, of From otherwise."),
        Parameter("qop", .integer(0...31), "1 to ask for `qop=auth`."),
    ]
    static let wwwChallenge = ScriptFunction(
        "www_challenge", "Asks for credentials with 401; ends the block.", parameters: challenge, routes: .request,
        modern: .failure)
    static let proxyChallenge = ScriptFunction(
        "proxy_challenge", "Asks for credentials with 407; ends the block.", parameters: challenge, routes: .request,
        modern: .failure)
    static let authChallenge = ScriptFunction(
        "auth_challenge", "Asks for credentials: 401 for REGISTER, 407 otherwise.", parameters: challenge,
        routes: .request, modern: .failure)
    static let consumeCredentials = ScriptFunction(
        "consume_credentials", "Removes the credentials that were accepted, so that the next hop does not see them.",
        parameters: [], routes: .request, modern: .failure)
    static let appendRPID = ScriptFunction(
        "append_rpid_hf", "Adds a Remote-Party-ID for the authenticated user.",
        parameters: [
            Parameter("prefix", .text, "In place of `rpid_prefix`.", optional: true),
            Parameter("suffix", .text, "In place of `rpid_suffix`.", optional: true),
        ], routes: [.request, .failure, .branch])
    static let isRPIDUserE164 = ScriptFunction(
        "is_rpid_user_e164", "Whether the user of the Remote-Party-ID is a telephone number.", parameters: [],
        routes: .request, modern: .failure)
}
