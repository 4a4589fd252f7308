import SIPKit

extension FunctionBodies {
    /// `is_user_in("From", "int")`: whether a user of the request is in a group (FUNCTIONS.md §17).
    static let isUserIn = Body(
        { arguments, context throws(ParseError) in
            let persistence = context.shared.persistence
            guard persistence.hasDatabase, let (user, domain) = try context.groupUser(arguments.text(0)) else {
                return .no
            }
            let settings = persistence.settings.group
            var matching = [
                ColumnValue(column: settings.user, value: user),
                ColumnValue(column: settings.group, value: arguments.text(1)),
            ]
            if settings.useDomain { matching.append(ColumnValue(column: settings.domain, value: domain)) }
            context.question = .rows(
                TableQuery(table: settings.table, columns: [settings.user, settings.group], matching: matching))
            return .ask
        },
        resume: { arguments, answer, context throws(ParseError) in
            guard case .rows(let rows) = answer, let (user, _) = try context.groupUser(arguments.text(0)) else {
                return .no
            }
            // Compared again: a database may take `int ` for `int`.
            let wanted = [user.map(ASCII.lowercased), arguments.text(1).map(ASCII.lowercased)]
            return rows.contains { $0.map { $0.map(ASCII.lowercased) } == wanted } ? .yes : .no
        })
}

extension RouteContext {
    /// User and domain of `Request-URI`, `To`, `From` or `Credentials`, or of a URI; `nil` where there is no such user.
    fileprivate func groupUser(_ who: [UInt8]) throws(ParseError) -> (user: [UInt8], domain: [UInt8])? {
        let word = String(decoding: who, as: UTF8.self).lowercased()
        if word == "credentials" {
            guard !self.authorizedUser.isEmpty else { return nil }
            return (Array(self.authorizedUser.prefix { $0 != ASCII.at }), self.authorizedRealm)
        }
        let uri = self.groupURI(word) ?? who
        let parts = try URIRanges(parsing: uri.span, ByteRange(0, uri.count))
        guard !parts.user.isEmpty else { return nil }
        return (SIPURI.unescape(uri.span.copy(parts.user)), uri.span.copy(parts.host))
    }

    private func groupURI(_ word: String) -> [UInt8]? {
        switch word {
        case "request-uri": self.requestURIBytes
        case "to": self.memory.span.copy(self.to.uri)
        case "from": self.memory.span.copy(self.from.uri)
        default: nil
        }
    }
}
