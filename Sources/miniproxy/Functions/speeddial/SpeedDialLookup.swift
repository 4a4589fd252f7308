import SIPKit

extension FunctionBodies {
    /// `sd_lookup("speed_dial")`: where the Request-URI's user is a short number of the caller, what it stands for
    /// becomes the Request-URI (FUNCTIONS.md §20).
    static let speedDialLookup = Body(
        { arguments, context throws(ParseError) in
            let persistence = context.shared.persistence
            guard persistence.hasDatabase else { return .no }
            let settings = persistence.settings.speedDial
            let (number, numberDomain) = try context.requestUser()
            let bytes = context.memory.span
            let from = try URIRanges(parsing: bytes, context.from.uri)
            guard !number.isEmpty, !from.user.isEmpty else { return .no }
            var matching = [
                ColumnValue(column: settings.user, value: SIPURI.unescape(bytes.copy(from.user))),
                ColumnValue(column: settings.dialledUser, value: number),
            ]
            if settings.useDomain {
                matching.append(ColumnValue(column: settings.domain, value: bytes.copy(from.host)))
                matching.append(ColumnValue(column: settings.dialledDomain, value: numberDomain))
            }
            context.question = .rows(
                TableQuery(table: arguments.text(0), columns: [settings.newURI], matching: matching))
            return .ask
        },
        resume: { _, answer, context throws(ParseError) in
            guard case .rows(let rows) = answer, let uri = rows.first?.first else { return .no }
            _ = try URIRanges(parsing: uri.span, ByteRange(0, uri.count))
            context.setRequestURI(uri)
            return .yes
        })
}
