import SIPKit

extension FunctionBodies {
    /// `auth_check("realm", "subscriber", "1")`: for a REGISTER `www_authorize`, for all else `proxy_authorize`; with 1 the
    /// user has to be the one in To of a REGISTER, in From of all else. −8 where it is not.
    static let authCheck = Body(
        { arguments, context throws(ParseError) in
            let body = context.index.method == .register ? FunctionBodies.wwwAuthorize : FunctionBodies.proxyAuthorize
            let verdict = try body.call(arguments, &context)
            return context.checkUser(arguments, verdict)
        },
        resume: { arguments, answer, context throws(ParseError) in
            let body = context.index.method == .register ? FunctionBodies.wwwAuthorize : FunctionBodies.proxyAuthorize
            guard let resume = body.resume else { return .no }
            let verdict = try resume(arguments, answer, &context)
            return context.checkUser(arguments, verdict)
        })
}

extension RouteContext {
    fileprivate mutating func checkUser(
        _ arguments: borrowing PreparedArguments, _ verdict: FunctionResult
    ) -> FunctionResult {
        // ACK and CANCEL are let through without credentials.
        guard verdict == .yes, arguments.integer(2) & 1 != 0, !self.authorizedUser.isEmpty else { return verdict }
        let bytes = self.memory.span
        let range = self.index.method == .register ? self.to.uri : self.from.uri
        guard let uri = try? URIRanges(parsing: bytes, range), uri.isSIP else { return .value(-8) }
        let user = SIPURI.unescape(bytes.copy(uri.user))
        let name = self.authorizedUser.lastIndex(of: ASCII.at).map { Array(self.authorizedUser[..<$0]) }
        return user == self.authorizedUser || user == name ? .yes : .value(-8)
    }
}
