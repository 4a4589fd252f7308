import Glibc
import SIPKit

/// What people change in the tables: users, groups, domains, trusted peers, attributes, short numbers, aliases
/// (CONTROL.md §1 and §3). It works on a connection, inside a proxy or without one.
struct Administration {
    let store: any Store
    /// Where call processing scripts are.
    var cpl = CPLSettings()

    typealias Parameters = [String]

    /// The commands, by name; each has its parameters in order.
    static let methods = Self.tableMethods.merging(Self.cplMethods) { first, _ in first }

    private static let tableMethods:
        [String: (words: String, run: @Sendable (Administration, Parameters) throws(ControlError) -> JSONValue)] = [
            "user.add": ("USER DOMAIN PASSWORD [EMAIL]", { (me, words) throws(ControlError) in try me.addUser(words) }),
            "user.passwd": (
                "USER DOMAIN PASSWORD", { (me, words) throws(ControlError) in try me.changePassword(words) }
            ),
            "user.rm": ("USER DOMAIN", { (me, words) throws(ControlError) in try me.removeUser(words) }),
            "user.exists": (
                "USER [DOMAIN]",
                { (me, words) throws(ControlError) in .bool(try me.exists(words[0], words.count > 1 ? words[1] : "")) }
            ),
            "acl.show": ("[USER]", { (me, words) throws(ControlError) in try me.groups(words.first) }),
            "acl.grant": ("USER DOMAIN GROUP", { (me, words) throws(ControlError) in try me.grant(words) }),
            "acl.revoke": ("USER [GROUP]", { (me, words) throws(ControlError) in try me.revoke(words) }),
            "domain.show": (
                "", { (me, _) throws(ControlError) in try me.list("domain", ["domain", "last_modified"]) }
            ),
            "domain.add": ("DOMAIN", { (me, words) throws(ControlError) in try me.addDomain(words[0]) }),
            "domain.rm": (
                "DOMAIN", { (me, words) throws(ControlError) in try me.delete("domain", [("domain", words[0])]) }
            ),
            "trusted.show": (
                "", { (me, _) throws(ControlError) in try me.list("trusted", ["src_ip", "proto", "from_pattern"]) }
            ),
            "trusted.add": ("ADDRESS PROTOCOL [PATTERN]", { (me, words) throws(ControlError) in try me.trust(words) }),
            "trusted.rm": (
                "ADDRESS", { (me, words) throws(ControlError) in try me.delete("trusted", [("src_ip", words[0])]) }
            ),
            "avp.list": ("[USER [ATTRIBUTE]]", { (me, words) throws(ControlError) in try me.attributes(words) }),
            "avp.add": (
                "USER ATTRIBUTE TYPE VALUE", { (me, words) throws(ControlError) in try me.addAttribute(words) }
            ),
            "avp.rm": (
                "USER [ATTRIBUTE [VALUE]]", { (me, words) throws(ControlError) in try me.removeAttribute(words) }
            ),
            "speeddial.show": ("USER [NUMBER]", { (me, words) throws(ControlError) in try me.shortNumbers(words) }),
            "speeddial.add": (
                "USER NUMBER URI [DESCRIPTION]", { (me, words) throws(ControlError) in try me.addShortNumber(words) }
            ),
            "speeddial.rm": ("USER NUMBER", { (me, words) throws(ControlError) in try me.removeShortNumber(words) }),
            "alias_db.show": ("ALIAS", { (me, words) throws(ControlError) in try me.aliases(alias: words[0]) }),
            "alias_db.list": ("[USER]", { (me, words) throws(ControlError) in try me.aliases(user: words.first) }),
            "alias_db.add": ("ALIAS USER", { (me, words) throws(ControlError) in try me.addAlias(words) }),
            "alias_db.rm": ("ALIAS", { (me, words) throws(ControlError) in try me.removeAlias(words[0]) }),
            "rpid.show": ("USER", { (me, words) throws(ControlError) in try me.callerNumber(words[0]) }),
            "rpid.add": (
                "USER NUMBER", { (me, words) throws(ControlError) in try me.setCallerNumber(words[0], words[1]) }
            ),
            "rpid.rm": ("USER", { (me, words) throws(ControlError) in try me.setCallerNumber(words[0], nil) }),
            "dispatcher.show": ("", { (me, _) throws(ControlError) in try me.listAll("dispatcher", "setid") }),
            "lcr.show": ("", { (me, _) throws(ControlError) in try me.leastCost() }),
            "db.exec": ("SQL", { (me, words) throws(ControlError) in try me.execute(words[0]) }),
            "db.show": ("TABLE", { (me, words) throws(ControlError) in try me.listAll(words[0], nil) }),
            "db.showdb": ("[USER]", { (me, words) throws(ControlError) in try me.storedContacts(words.first) }),
        ]

    /// Groups that tools know; others are refused as misspelt (`VERIFY_ACL`).
    static let groupNames = ["local", "ld", "int", "voicemail", "free-pstn", "prepaid"]

    // MARK: Users

    private func addUser(_ words: Parameters) throws(ControlError) -> JSONValue {
        let (user, domain, password) = (words[0], words[1], words[2])
        guard !user.isEmpty, !domain.isEmpty, !user.contains("@") else {
            throw ControlError(400, "a user has a name and a domain")
        }
        guard try !self.exists(user, domain) else { throw ControlError(409, "user already exists") }
        let columns = try self.columns("subscriber")
        let now = Self.now()
        var values: [(String, [UInt8])] = [("username", Array(user.utf8)), ("domain", Array(domain.utf8))]
        values += Self.secrets(user, domain, password)
        if words.count > 3 { values.append(("email_address", Array(words[3].utf8))) }
        values += [("datetime_created", now), ("datetime_modified", now)]
        let present = values.filter { columns.keys.contains($0.0) }.map { name, value in
            // SER's password column is short; HA1 is what counts there.
            let isTooLong = name == "password" && (columns[name] ?? nil).map { value.count > $0 } == true
            return (name, isTooLong ? [] : value)
        }
        var changes = [TableChange.insert(table: Array("subscriber".utf8), present.map(Self.value))]
        if try !self.hasRows("uri", [("username", user), ("domain", domain), ("uri_user", user)]) {
            changes.append(
                .insert(
                    table: Array("uri".utf8),
                    [
                        Self.value(("username", Array(user.utf8))), Self.value(("domain", Array(domain.utf8))),
                        Self.value(("uri_user", Array(user.utf8))), Self.value(("last_modified", now)),
                    ]))
        }
        _ = try self.perform(changes)
        return .text("new user added")
    }

    private static func secrets(_ user: String, _ domain: String, _ password: String) -> [(String, [UInt8])] {
        let secret = DigestSecret.password(Array(password.utf8))
        let realm = Array(domain.utf8)
        func ha1(_ name: String) -> [UInt8] { secret.ha1(user: Array(name.utf8), realm: realm, algorithm: .md5) ?? [] }
        return [
            ("password", Array(password.utf8)), ("ha1", ha1(user)), ("ha1b", ha1("\(user)@\(domain)")),
        ]
    }

    private func changePassword(_ words: Parameters) throws(ControlError) -> JSONValue {
        let (user, domain) = (words[0], words[1])
        guard try self.exists(user, domain) else { throw ControlError(404, "non-existent user '\(user)'") }
        let columns = try self.columns("subscriber")
        var values = Self.secrets(user, domain, words[2])
        values.append(("datetime_modified", Self.now()))
        _ = try self.perform([
            .update(
                table: Array("subscriber".utf8), values.filter { columns.keys.contains($0.0) }.map(Self.value),
                matching: Self.matching([("username", user), ("domain", domain)]))
        ])
        return .text("password change succeeded")
    }

    private func removeUser(_ words: Parameters) throws(ControlError) -> JSONValue {
        let (user, domain) = (words[0], words[1])
        guard try self.exists(user, domain) else { throw ControlError(404, "non-existent user '\(user)'") }
        var changes: [TableChange] = []
        for table in ["subscriber", "grp", "uri"] where try self.store(has: table) {
            changes.append(
                .delete(table: Array(table.utf8), matching: Self.matching([("username", user), ("domain", domain)])))
        }
        _ = try self.perform(changes)
        return .text("user removed")
    }

    private func exists(_ user: String, _ domain: String) throws(ControlError) -> Bool {
        try self.hasRows(
            "subscriber", [("username", user)] + (domain.isEmpty ? [] : [("domain", domain)]))
    }

    private func callerNumber(_ user: String) throws(ControlError) -> JSONValue {
        try self.select("subscriber", ["username", "rpid"], self.user(user))
    }

    private func setCallerNumber(_ user: String, _ number: String?) throws(ControlError) -> JSONValue {
        let count = try self.perform([
            .update(
                table: Array("subscriber".utf8), [Self.value(("rpid", Array((number ?? "").utf8)))],
                matching: Self.matching(self.user(user)))
        ])
        guard count > 0 else { throw ControlError(404, "non-existent user '\(user)'") }
        return try self.callerNumber(user)
    }

    // MARK: Groups

    private func groups(_ user: String?) throws(ControlError) -> JSONValue {
        let found = try self.query(
            TableQuery(
                table: Array("grp".utf8), columns: ["username", "grp", "last_modified"].map { Array($0.utf8) },
                matching: Self.matching(user.map(self.user) ?? []), order: Array("grp".utf8)))
        // The head of the column as serctl prints it.
        return Self.table(RowSet(columns: ["user", "grp", "last_modified"], rows: found.rows))
    }

    private func grant(_ words: Parameters) throws(ControlError) -> JSONValue {
        let (user, domain, group) = (words[0], words[1], words[2])
        guard try self.exists(user, domain) else { throw ControlError(404, "non-existent user '\(user)'") }
        let owner = [("username", user), ("domain", domain), ("grp", group)]
        if try !self.hasRows("grp", owner) {
            _ = try self.perform([
                .insert(
                    table: Array("grp".utf8),
                    Self.matching(owner) + [Self.value(("last_modified", Self.now()))])
            ])
        }
        return try self.groups(user)
    }

    private func revoke(_ words: Parameters) throws(ControlError) -> JSONValue {
        var owner = self.user(words[0])
        if words.count > 1 { owner.append(("grp", words[1])) }
        _ = try self.perform([.delete(table: Array("grp".utf8), matching: Self.matching(owner))])
        return try self.groups(words[0])
    }

    // MARK: Domains and trusted peers

    private func addDomain(_ name: String) throws(ControlError) -> JSONValue {
        guard try !self.hasRows("domain", [("domain", name)]) else { throw ControlError(409, "domain already exists") }
        _ = try self.perform([
            .insert(
                table: Array("domain".utf8),
                Self.matching([("domain", name)]) + [Self.value(("last_modified", Self.now()))])
        ])
        return .text("domain added")
    }

    private func trust(_ words: Parameters) throws(ControlError) -> JSONValue {
        let address = Array(words[0].utf8)
        guard IPAddress(parsing: address.span, ByteRange(0, address.count)) != nil else {
            throw ControlError(400, "\(words[0]): expected an address, as 192.0.2.245")
        }
        guard ["any", "udp", "tcp", "tls", "sctp"].contains(words[1].lowercased()) else {
            throw ControlError(400, "\(words[1]): expected any, udp, tcp, tls or sctp")
        }
        let pattern = words.count > 2 ? words[2] : ""
        do throws(PatternError) {
            _ = try PatternMatcher(basic: Array(pattern.utf8), [])
        } catch {
            throw ControlError(400, "\(pattern): \(error)")
        }
        _ = try self.perform([
            .insert(
                table: Array("trusted".utf8),
                Self.matching([("src_ip", words[0]), ("proto", words[1].lowercased()), ("from_pattern", pattern)]))
        ])
        return .text("trusted peer added")
    }

    // MARK: Attributes

    private func attributes(_ words: Parameters) throws(ControlError) -> JSONValue {
        var owner = words.first.map(self.user) ?? []
        if words.count > 1 { owner.append(("attribute", words[1])) }
        return try self.select("usr_preferences", ["username", "domain", "attribute", "type", "value"], owner)
    }

    private func addAttribute(_ words: Parameters) throws(ControlError) -> JSONValue {
        guard let type = Int(words[2]), (0...3).contains(type) else {
            throw ControlError(400, "\(words[2]): the type is 0 to 3: 1 for a number as value, 2 for one as name")
        }
        let stamp = try self.columns("usr_preferences").keys.contains("modified") ? "modified" : "last_modified"
        let owner = self.user(words[0]) + [("attribute", words[1]), ("type", words[2]), ("value", words[3])]
        _ = try self.perform([
            .insert(table: Array("usr_preferences".utf8), Self.matching(owner) + [Self.value((stamp, Self.now()))])
        ])
        return .text("attribute added")
    }

    private func removeAttribute(_ words: Parameters) throws(ControlError) -> JSONValue {
        var owner = self.user(words[0])
        if words.count > 1 { owner.append(("attribute", words[1])) }
        if words.count > 2 { owner.append(("value", words[2])) }
        return try self.delete("usr_preferences", owner)
    }

    // MARK: Short numbers and aliases

    private func shortNumbers(_ words: Parameters) throws(ControlError) -> JSONValue {
        var owner = self.user(words[0])
        if words.count > 1 { owner.append(("sd_username", Self.parts(words[1]).user)) }
        return try self.select(
            "speed_dial", ["username", "domain", "sd_username", "sd_domain", "new_uri", "description"], owner)
    }

    private func addShortNumber(_ words: Parameters) throws(ControlError) -> JSONValue {
        let number = Self.parts(words[1])
        let uri = Array(words[2].utf8)
        guard (try? URIRanges(parsing: uri.span, ByteRange(0, uri.count))) != nil else {
            throw ControlError(400, "\(words[2]): expected a URI, as sip:bob@example.org")
        }
        let owner =
            self.user(words[0]) + [
                ("sd_username", number.user), ("sd_domain", number.domain), ("new_uri", words[2]),
                ("description", words.count > 3 ? words[3] : ""),
            ]
        _ = try self.perform([.insert(table: Array("speed_dial".utf8), Self.matching(owner))])
        return .text("speed dial added")
    }

    private func removeShortNumber(_ words: Parameters) throws(ControlError) -> JSONValue {
        try self.delete("speed_dial", self.user(words[0]) + [("sd_username", Self.parts(words[1]).user)])
    }

    private static let aliasColumns = ["alias_username", "alias_domain", "username", "domain"]

    private func aliases(alias: String) throws(ControlError) -> JSONValue {
        let parts = Self.parts(alias)
        return try self.select(
            "dbaliases", Self.aliasColumns,
            [("alias_username", parts.user)] + (parts.domain.isEmpty ? [] : [("alias_domain", parts.domain)]))
    }

    private func aliases(user: String?) throws(ControlError) -> JSONValue {
        try self.select("dbaliases", Self.aliasColumns, user.map(self.user) ?? [])
    }

    private func addAlias(_ words: Parameters) throws(ControlError) -> JSONValue {
        let alias = Self.parts(words[0])
        let owner = Self.parts(words[1])
        guard try !self.hasRows("dbaliases", [("alias_username", alias.user), ("alias_domain", alias.domain)]) else {
            throw ControlError(409, "alias already exists")
        }
        _ = try self.perform([
            .insert(
                table: Array("dbaliases".utf8),
                Self.matching([
                    ("alias_username", alias.user), ("alias_domain", alias.domain), ("username", owner.user),
                    ("domain", owner.domain),
                ]))
        ])
        return .text("alias added")
    }

    private func removeAlias(_ alias: String) throws(ControlError) -> JSONValue {
        let parts = Self.parts(alias)
        return try self.delete(
            "dbaliases",
            [("alias_username", parts.user)] + (parts.domain.isEmpty ? [] : [("alias_domain", parts.domain)]))
    }

    // MARK: Whole tables

    private func leastCost() throws(ControlError) -> JSONValue {
        for tables in [["lcr_gw", "lcr_rule", "lcr_rule_target"], ["gw_grp", "gw", "lcr"]]
        where try self.store(has: tables[0]) {
            var results: [JSONValue.Member] = []
            for table in tables { results.append(JSONValue.Member(name: table, value: try self.listAll(table, nil))) }
            return .object(results)
        }
        throw ControlError(404, "there are no tables of gateways")
    }

    private func listAll(_ table: String, _ order: String?) throws(ControlError) -> JSONValue {
        do throws(StoreError) {
            let name = try SQLDialect.name(Array(table.utf8))
            let tail = try order.map { (column) throws(StoreError) in
                " ORDER BY \(try SQLDialect.name(Array(column.utf8)))"
            }
            return Self.table(try self.store.query("SELECT * FROM \(name)\(tail ?? "")", []))
        } catch {
            throw ControlError(error)
        }
    }

    private func execute(_ sql: String) throws(ControlError) -> JSONValue {
        do throws(StoreError) {
            return Self.table(try self.store.query(sql, []))
        } catch {
            throw ControlError(error)
        }
    }

    private func storedContacts(_ user: String?) throws(ControlError) -> JSONValue {
        try self.select(
            "location", ["username", "domain", "contact", "expires", "q", "callid", "cseq", "user_agent"],
            user.map(self.user) ?? [])
    }

    // MARK: Pieces

    private static func now() -> [UInt8] { SQLTime.text(Int64(time(nil))) }

    /// `user`, or `user@domain`.
    static func parts(_ text: String) -> (user: String, domain: String) {
        guard let at = text.lastIndex(of: "@") else { return (text, "") }
        return (String(text[..<at]), String(text[text.index(after: at)...]))
    }

    private func user(_ text: String) -> [(String, String)] {
        let parts = Self.parts(text)
        return [("username", parts.user)] + (parts.domain.isEmpty ? [] : [("domain", parts.domain)])
    }

    private static func value(_ pair: (String, [UInt8])) -> ColumnValue {
        ColumnValue(column: Array(pair.0.utf8), value: pair.1)
    }

    private static func matching(_ pairs: [(String, String)]) -> [ColumnValue] {
        pairs.map { Self.value(($0.0, Array($0.1.utf8))) }
    }

    static func table(_ set: RowSet) -> JSONValue {
        .object([
            "columns": .array(set.columns.map { .text($0) }),
            "rows": .array(
                set.rows.map { row in
                    .array(row.map { $0.map { .text(Printable.text($0)) } ?? .null })
                }),
        ])
    }

    func query(_ query: TableQuery) throws(ControlError) -> RowSet {
        do throws(StoreError) { return try self.store.rows(query) } catch { throw ControlError(error) }
    }

    func perform(_ changes: [TableChange]) throws(ControlError) -> Int {
        do throws(StoreError) {
            return try self.store.perform(try changes.map { (change) throws(StoreError) in try change.step }).reduce(
                0, +)
        } catch {
            throw ControlError(error)
        }
    }

    private func columns(_ table: String) throws(ControlError) -> [String: Int?] {
        do throws(StoreError) {
            guard let columns = try self.store.columns(of: Array(table.utf8)) else {
                throw StoreError(.misconfigured, "there is no table \(table); make it with: miniproxy db create")
            }
            return columns
        } catch {
            throw ControlError(error)
        }
    }

    private func store(has table: String) throws(ControlError) -> Bool {
        do throws(StoreError) { return try self.store.columns(of: Array(table.utf8)) != nil } catch {
            throw ControlError(error)
        }
    }

    private func hasRows(_ table: String, _ pairs: [(String, String)]) throws(ControlError) -> Bool {
        // Where there is no such table, nothing has to be put into it.
        if table == "uri", try !self.store(has: table) { return true }
        let set = try self.query(
            TableQuery(
                table: Array(table.utf8), columns: [Array(pairs[0].0.utf8)], matching: Self.matching(pairs)))
        return !set.rows.isEmpty
    }

    private func select(
        _ table: String, _ columns: [String], _ pairs: [(String, String)]
    ) throws(ControlError) -> JSONValue {
        Self.table(
            try self.query(
                TableQuery(
                    table: Array(table.utf8), columns: columns.map { Array($0.utf8) }, matching: Self.matching(pairs))))
    }

    private func list(_ table: String, _ columns: [String]) throws(ControlError) -> JSONValue {
        try self.select(table, columns, [])
    }

    private func delete(_ table: String, _ pairs: [(String, String)]) throws(ControlError) -> JSONValue {
        let count = try self.perform([.delete(table: Array(table.utf8), matching: Self.matching(pairs))])
        guard count > 0 else { throw ControlError(404, "nothing to remove") }
        return .text("removed")
    }
}
