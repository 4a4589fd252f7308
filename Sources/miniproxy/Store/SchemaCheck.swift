/// Looks whether a database has what a script needs, before the first message comes.
struct SchemaCheck {
    let store: any Store
    let location: DatabaseLocation

    /// Versions of tables that can be worked with: SER 0.9's, those of the years between, Kamailio's.
    private static let known: [String: [ClosedRange<Int>]] = [
        "subscriber": [5...7, 1001...1009], "location": [6...9, 1001...1009], "aliases": [6...9, 1001...1009],
        "domain": [1...2], "trusted": [1...6], "usr_preferences": [2...3], "grp": [2...4], "uri": [1...3],
        "speed_dial": [2...3], "dbaliases": [1...2],
    ]

    /// - Throws: ``StoreError`` with what is missing or of another version, and what to do.
    func check(_ settings: StoreSettings) throws(StoreError) {
        var needed: [(table: [UInt8], columns: [[UInt8]])] = []
        if settings.usrloc.mode != .memory {
            for table in settings.contactTables { needed.append((table, [Array(settings.usrloc.userColumn.utf8)])) }
        }
        if settings.modules.contains("auth_db") {
            needed.append((Array("subscriber".utf8), [settings.auth.user, settings.auth.password]))
        }
        if settings.modules.contains("domain") { needed.append((settings.domain.table, [settings.domain.column])) }
        if settings.modules.contains("group") {
            needed.append((settings.group.table, [settings.group.user, settings.group.group]))
        }
        if settings.modules.contains("permissions"), settings.trusted.hasURL {
            needed.append((settings.trusted.table, settings.trusted.columns))
        }
        if settings.modules.contains("avpops") {
            let names = settings.preferences
            needed.append((names.table, [names.user, names.attribute, names.value, names.type]))
        }
        if settings.modules.contains("cpl-c") {
            needed.append((settings.cpl.table, [Array("cpl_xml".utf8)]))
        }
        if settings.modules.contains("lcr") {
            needed += settings.lcr.needed(isOld: try self.store.columns(of: settings.lcr.ruleTable) != nil)
        }
        if settings.dispatcher.isStored {
            needed.append((settings.dispatcher.table, ["setid", "destination"].map { Array($0.utf8) }))
        }
        let versions = try self.versions()
        for (table, columns) in needed {
            let name = String(decoding: table, as: UTF8.self)
            guard let found = try self.store.columns(of: table) else {
                throw StoreError(
                    .misconfigured,
                    "\(self.location): there is no table \(name); make what is missing with: miniproxy db create \(self.option)"
                )
            }
            if let version = versions[name], let known = Self.known[name],
                !known.contains(where: { $0.contains(version) })
            {
                throw StoreError(
                    .misconfigured,
                    "\(self.location): table \(name) has version \(version), and miniproxy knows \(Self.list(known)); "
                        + "change the table, or keep this one and name another database")
            }
            for column in columns where !found.keys.contains(where: { Array($0.utf8) == column }) {
                throw StoreError(
                    .misconfigured,
                    "\(self.location): table \(name) has no column \(String(decoding: column, as: UTF8.self))")
            }
        }
    }

    /// What the table of versions says; nothing where there is none.
    func versions() throws(StoreError) -> [String: Int] {
        guard try self.store.columns(of: Array("version".utf8)) != nil else { return [:] }
        let query = TableQuery(
            table: Array("version".utf8), columns: [Array("table_name".utf8), Array("table_version".utf8)])
        var versions: [String: Int] = [:]
        for row in try self.store.rows(query).texts {
            versions[String(decoding: row[0], as: UTF8.self)] = Int(String(decoding: row[1], as: UTF8.self))
        }
        return versions
    }

    private static func list(_ ranges: [ClosedRange<Int>]) -> String {
        ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound) to \($0.upperBound)" }
            .joined(separator: " and ")
    }

    private var option: String {
        switch self.location {
        case .memory: ""
        case .file(let path): "--db \(path)"
        case .server: "--db-url \(self.location)"
        }
    }
}
