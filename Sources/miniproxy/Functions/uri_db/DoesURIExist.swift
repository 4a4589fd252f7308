import SIPKit

extension FunctionBodies {
    /// `does_uri_exist()`: whether the Request-URI's user is known: has a password, or was registered lately.
    static let doesURIExist = Body(
        { _, context throws(ParseError) in
            let key = try context.addressOfRecord()
            if context.shared.location.location.withRecord(key, { _ in true }) == true { return .yes }
            let (user, domain) = try context.requestUser()
            if context.shared.users.contains(user) { return .yes }
            let persistence = context.shared.persistence
            guard persistence.hasDatabase, persistence.settings.modules.contains("uri_db") else { return .no }
            context.question = .rows(persistence.settings.uri.existence(user, domain))
            return .ask
        },
        resume: { _, answer, context throws(ParseError) in
            guard case .rows(let rows) = answer else { return .no }
            let user = try context.requestUser().user.map(ASCII.lowercased)
            return rows.contains { $0.first?.map(ASCII.lowercased) == user } ? .yes : .no
        })
}

extension URIDBSettings {
    fileprivate func existence(_ user: [UInt8], _ domain: [UInt8]) -> TableQuery {
        let column = self.usesTable ? self.uriURIUser : self.subscriberUser
        var matching = [ColumnValue(column: column, value: user)]
        if self.useDomain {
            matching.append(
                ColumnValue(column: self.usesTable ? self.uriDomain : self.subscriberDomain, value: domain))
        }
        return TableQuery(
            table: self.usesTable ? self.uriTable : self.subscriberTable, columns: [column], matching: matching)
    }
}

extension RouteContext {
    /// User and host of the Request-URI as it is now, escapes undone.
    func requestUser() throws(ParseError) -> (user: [UInt8], domain: [UInt8]) {
        try self.withRequestURI { (bytes) throws(ParseError) in
            let uri = try URIRanges(parsing: bytes, ByteRange(0, bytes.count))
            return (SIPURI.unescape(bytes.copy(uri.user)), bytes.copy(uri.host))
        }
    }
}
