import SIPKit

extension FunctionBodies {
    /// `check_to()`: whether the user in To is the one whose credentials were found good.
    static let checkTo = Body { _, context in context.isAuthorizedUser(context.to.uri) ? .yes : .no }
    /// `check_from()`: the same for From.
    static let checkFrom = Body { _, context in context.isAuthorizedUser(context.from.uri) ? .yes : .no }
}

extension RouteContext {
    /// Whether the URI's user, escapes undone, is the user name of the authorized credentials.
    fileprivate func isAuthorizedUser(_ range: ByteRange) -> Bool {
        let bytes = self.memory.span
        guard !self.authorizedUser.isEmpty, let uri = try? URIRanges(parsing: bytes, range), uri.isSIP else {
            return false
        }
        let user = SIPURI.unescape(bytes.copy(uri.user))
        // Credentials may name the user with the domain, as ha1b wants.
        return user == self.authorizedUser || self.authorizedUser.starts(with: user + [ASCII.at])
    }
}
