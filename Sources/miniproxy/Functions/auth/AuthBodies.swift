extension FunctionBodies {
    /// Of the functions in this folder.
    static let authBodies: [String: Body] = [
        "www_authorize": Self.wwwAuthorize,
        "proxy_authorize": Self.proxyAuthorize,
        "www_challenge": Self.wwwChallenge,
        "proxy_challenge": Self.proxyChallenge,
        "auth_challenge": Self.authChallenge,
        "append_rpid_hf": Self.appendRPID,
        "is_rpid_user_e164": Self.isRPIDUserE164,
        "consume_credentials": Self.consumeCredentials,
    ]
}
