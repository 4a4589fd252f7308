import SIPKit

extension FunctionBodies {
    /// `check_to()`: whether the user in To is the one whose credentials were found good (FUNCTIONS.md §8).
    static let checkTo = Body(
        { _, context in context.isAuthorizedUser(context.to.uri) },
        resume: { _, answer, context in context.isAuthorizedUser(context.to.uri, answer) })
    /// `check_from()`: the same for From.
    static let checkFrom = Body(
        { _, context in context.isAuthorizedUser(context.from.uri) },
        resume: { _, answer, context in context.isAuthorizedUser(context.from.uri, answer) })
}

extension RouteContext {
    /// Whether the URI's user, escapes undone, is the user name of the authorized credentials, in either case; or, with
    /// `use_uri_table`, one of those that the table gives to that name.
    fileprivate mutating func isAuthorizedUser(_ range: ByteRange, _ answer: Answer? = nil) -> FunctionResult {
        let bytes = self.memory.span
        guard !self.authorizedUser.isEmpty, let uri = try? URIRanges(parsing: bytes, range), uri.isSIP else {
            return .no
        }
        let settings = self.shared.persistence.settings.uri
        let usesTable = settings.usesTable && self.shared.persistence.hasDatabase
        // The usual question, without copies: is it the very name?
        if !usesTable, self.authorizedUser.span.equals(ByteRange(0, self.authorizedUser.count), bytes, uri.user) {
            return .yes
        }
        let user = SIPURI.unescape(bytes.copy(uri.user)).map(ASCII.lowercased)
        let authorized = self.authorizedUser.map(ASCII.lowercased)
        // Credentials may name the user with the domain, as ha1b wants.
        let name = authorized.lastIndex(of: ASCII.at).map { Array(authorized[..<$0]) } ?? authorized
        guard usesTable else {
            return user == authorized || user == name ? .yes : .no
        }
        if let answer {
            guard case .rows(let rows) = answer else { return .no }
            return rows.contains { $0.first?.map(ASCII.lowercased) == user } ? .yes : .no
        }
        var matching = [
            ColumnValue(column: settings.uriUser, value: name), ColumnValue(column: settings.uriURIUser, value: user),
        ]
        if settings.useDomain { matching.append(ColumnValue(column: settings.uriDomain, value: self.authorizedRealm)) }
        self.question = .rows(
            TableQuery(table: settings.uriTable, columns: [settings.uriURIUser], matching: matching))
        return .ask
    }
}
