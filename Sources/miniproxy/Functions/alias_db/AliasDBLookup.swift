import SIPKit

extension FunctionBodies {
    /// `alias_db_lookup("dbaliases")`: where the Request-URI is an alias, the user behind it becomes the Request-URI.
    static let aliasDBLookup = Body(
        { arguments, context throws(ParseError) in
            let persistence = context.shared.persistence
            guard persistence.hasDatabase else { return .no }
            let settings = persistence.settings.alias
            let (user, domain) = try context.requestUser()
            guard !user.isEmpty else { return .no }
            var matching = [ColumnValue(column: settings.aliasUser, value: user)]
            if settings.useDomain { matching.append(ColumnValue(column: settings.aliasDomain, value: domain)) }
            context.question = .rows(
                TableQuery(table: arguments.text(0), columns: [settings.user, settings.domain], matching: matching))
            return .ask
        },
        resume: { _, answer, context throws(ParseError) in
            guard case .rows(let rows) = answer, !rows.isEmpty else { return .no }
            let uris = rows.map { Array("sip:".utf8) + $0[0] + [ASCII.at] + $0[1] }
            for uri in uris { _ = try URIRanges(parsing: uri.span, ByteRange(0, uri.count)) }
            context.setRequestURI(uris[0])
            if context.shared.persistence.settings.alias.appendsBranches {
                for uri in uris.dropFirst() where !context.appended.append(uri: uri) { return .no }
            }
            return .yes
        })
}
