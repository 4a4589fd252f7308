import SIPKit

extension FunctionBodies {
    /// `auth_challenge("realm", "1")`: 401 for REGISTER, 407 for everything else.
    static let authChallenge = Body { arguments, context throws(ParseError) in
        try (context.index.method == .register ? FunctionBodies.wwwChallenge : FunctionBodies.proxyChallenge)
            .call(arguments, &context)
    }
}
