import SIPKit

/// Where users' scripts are kept: SER's table with a column `user`, or Kamailio's with `username` and `domain`
/// (DATABASE.md, `cpl`).
struct CPLTable: Sendable {
    private let settings: CPLSettings
    private let userColumn: [UInt8]
    /// `nil` in SER's table, whose `user` has the domain in it.
    private let domainColumn: [UInt8]?
    private let hasBinary: Bool

    private static let text = Array("cpl_xml".utf8)
    /// SER's compiled form. We keep the text alone, and compile what we run.
    private static let binary = Array("cpl_bin".utf8)

    /// - Parameter columns: those that the table has.
    /// - Returns: `nil` where it has none for users, or none for scripts.
    init?(_ settings: CPLSettings, columns: Set<[UInt8]>) {
        let old = Array("user".utf8)
        guard columns.contains(Self.text) else { return nil }
        self.settings = settings
        self.hasBinary = columns.contains(Self.binary)
        if columns.contains(settings.userColumn) {
            self.userColumn = settings.userColumn
            self.domainColumn = columns.contains(settings.domainColumn) ? settings.domainColumn : nil
        } else if columns.contains(old) {
            self.userColumn = old
            self.domainColumn = nil
        } else {
            return nil
        }
    }

    /// Whose script is meant.
    struct Owner: Sendable, Equatable {
        var user: [UInt8]
        var domain: [UInt8]

        /// - Throws: ``ParseError`` for a URI without a user.
        init(of uri: [UInt8]) throws(ParseError) {
            let parts = try URIRanges(parsing: uri.span, ByteRange(0, uri.count))
            guard parts.isSIP, !parts.user.isEmpty else { throw ParseError(.missing, "user") }
            self.user = SIPURI.unescape(uri.span.copy(parts.user))
            self.domain = uri.span.copy(parts.host)
        }

        /// `user` or `user@domain`, as people write it.
        init(named name: [UInt8]) {
            let at = name.lastIndex(of: ASCII.at)
            self.user = Array(name[..<(at ?? name.count)])
            self.domain = at.map { Array(name[($0 + 1)...]) } ?? []
        }
    }

    func load(_ owner: Owner) -> TableQuery {
        TableQuery(table: self.settings.table, columns: [Self.text], matching: self.matching(owner))
    }

    func remove(_ owner: Owner) -> TableChange {
        .delete(table: self.settings.table, matching: self.matching(owner))
    }

    /// Puts a script in the place of the one that the user has.
    func store(_ script: [UInt8], of owner: Owner) -> [TableChange] {
        var values = self.matching(owner)
        // A domain that does not count is written down all the same.
        if let domainColumn, !self.settings.useDomain {
            values.append(ColumnValue(column: domainColumn, value: self.domain(owner)))
        }
        values.append(ColumnValue(column: Self.text, value: script))
        if self.hasBinary { values.append(ColumnValue(column: Self.binary, value: [])) }
        return [self.remove(owner), .insert(table: self.settings.table, values)]
    }

    private func matching(_ owner: Owner) -> [ColumnValue] {
        var user = self.settings.isCaseSensitive ? owner.user : owner.user.map(ASCII.lowercased)
        guard self.settings.useDomain else { return [ColumnValue(column: self.userColumn, value: user)] }
        guard let domainColumn else {
            user += [ASCII.at] + self.domain(owner)
            return [ColumnValue(column: self.userColumn, value: user)]
        }
        return [
            ColumnValue(column: self.userColumn, value: user),
            ColumnValue(column: domainColumn, value: self.domain(owner)),
        ]
    }

    private func domain(_ owner: Owner) -> [UInt8] {
        let domain = owner.domain.map(ASCII.lowercased)
        let prefix = self.settings.realmPrefix.map(ASCII.lowercased)
        return !prefix.isEmpty && domain.starts(with: prefix) ? Array(domain.dropFirst(prefix.count)) : domain
    }
}
