extension FunctionBodies {
    /// Of the functions in this folder.
    static let authBodies: [String: Body] = [
        "www_authorize": Self.wwwAuthorize,
        "proxy_authorize": Self.proxyAuthorize,
        "www_challenge": Self.wwwChallenge,
        "proxy_challenge": Self.proxyChallenge,
        "auth_challenge": Self.authChallenge,
        "consume_credentials": Self.consumeCredentials,
    ]
}
