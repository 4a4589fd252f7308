import Glibc
import SIPKit

/// Contacts by hand: `ul` and `alias` of serctl.
extension ControlMethods {
    /// The key of a user: with its domain where the proxy keeps domains apart, without it where not.
    func key(_ user: String, domain: String = "") throws(ControlError) -> [UInt8] {
        let settings = self.state.settings.registrar
        let parts = Administration.parts(user)
        let host = parts.domain.isEmpty ? domain : parts.domain
        guard !parts.user.isEmpty else { throw ControlError(400, "a user has a name") }
        var key = Array((settings.caseSensitive ? parts.user : parts.user.lowercased()).utf8)
        if settings.useDomain {
            guard !host.isEmpty else {
                throw ControlError(400, "this proxy keeps domains apart (use_domain): say \(user)@DOMAIN")
            }
            key += Array("@\(host.lowercased())".utf8)
        }
        guard key.count <= AddressOfRecord.limit else { throw ControlError(400, "the user's name is too long") }
        return key
    }

    private func table(_ name: String) throws(ControlError) -> LocationTable {
        guard let table = self.state.location.existing(Array(name.utf8)) else {
            throw ControlError(400, "table (\(name)) not found")
        }
        return table
    }

    private func json(_ binding: Binding, _ now: Int64) -> JSONValue {
        .object([
            "contact": .text(Printable.text(binding.uri)),
            "q": binding.q < 0 ? .null : .number(Double(binding.q) / 1000),
            // 0 is for ever.
            "expires": .integer(binding.expires == .max ? 0 : Int(Swift.max(0, binding.expires - now))),
            "received": binding.received.isEmpty ? .null : .text(Printable.text(binding.received)),
            "socket": binding.socket.map { .text(Printable.text($0.text)) } ?? .null,
            "callid": .text(Printable.text(binding.callID)), "cseq": .integer(Int(binding.cSeq)),
            "user_agent": .text(Printable.text(binding.userAgent)), "flags": .integer(Int(binding.flags)),
        ])
    }

    func contacts(_ name: String, _ user: String) throws(ControlError) -> JSONValue {
        let now = Int64(time(nil))
        let found = try self.table(name).withRecord(try self.key(user)) { record in
            record.bindings.filter { !$0.isExpired(at: now) }
        }
        guard let found, !found.isEmpty else {
            throw ControlError(404, "Username \(user) in table \(name) not found")
        }
        return .object(["aor": .text(user), "contacts": .array(found.map { self.json($0, now) })])
    }

    func dump(_ name: String?) throws(ControlError) -> JSONValue {
        let now = Int64(time(nil))
        let tables = try name.map { (name) throws(ControlError) in [try self.table(name)] } ?? self.state.location.all
        return .array(
            tables.map { table in
                let users = table.all().filter { record in record.bindings.contains { !$0.isExpired(at: now) } }
                    .sorted { $0.key.lexicographicallyPrecedes($1.key) }
                return .object([
                    "table": .text(Printable.text(table.name)),
                    "users": .array(
                        users.map { record in
                            .object([
                                "aor": .text(Printable.text(record.key)),
                                "contacts": .array(
                                    record.bindings.filter { !$0.isExpired(at: now) }.map { self.json($0, now) }),
                            ])
                        }),
                ])
            })
    }

    /// - Parameter words: table, user, URI, seconds (0 for ever), q.
    func addContact(_ words: [String]) throws(ControlError) -> JSONValue {
        let table = try self.table(words[0])
        let key = try self.key(words[1])
        let uri = Array(words[2].utf8)
        guard let parts = try? URIRanges(parsing: uri.span, ByteRange(0, uri.count)), parts.isSIP else {
            throw ControlError(400, "\(words[2]): expected a URI, as sip:666@gateway.foo.bar")
        }
        guard let expires = words.count > 3 ? UInt32(words[3]) : 0 else {
            throw ControlError(400, "\(words[3]): expected seconds")
        }
        var q: Int16 = -1
        if words.count > 4 {
            let text = Array(words[4].utf8)
            guard let value = QValue(parsing: text.span, ByteRange(0, text.count)) else {
                throw ControlError(400, "\(words[4]): expected a rank from 0 to 1")
            }
            q = value.thousandths
        }
        if let detail = self.state.persistence.rows(of: table)?.refusal(key: key, contacts: [uri]) {
            throw ControlError(400, "\(detail)")
        }
        let now = Int64(time(nil))
        let byTime = self.state.settings.registrar.descTimeOrder
        let isTaken = table.update(key, now: now) { record, order in
            record.bindings.removeAll { $0.isExpired(at: now) || $0.uri == uri }
            guard record.bindings.count < LocationTable.bindingsPerUser else { return false }
            order += 1
            record.bindings.append(
                Binding(
                    uri: uri, expires: expires == 0 ? .max : now + Int64(expires), q: q,
                    callID: Array("The-Answer-To-The-Ultimate-Question".utf8), cSeq: 1, order: order, flags: 0,
                    userAgent: Array("miniproxy ctl".utf8), modified: now))
            record.sort(byTime: byTime)
            return true
        }
        guard isTaken else { throw ControlError(503, "the user has \(LocationTable.bindingsPerUser) contacts already") }
        try self.save(table, key)
        return .text("('\(words[1])','\(words[2])') to '\(words[0])'")
    }

    func removeContacts(_ name: String, _ user: String, _ uri: String?) throws(ControlError) -> JSONValue {
        let table = try self.table(name)
        try self.removeContacts(table, try self.key(user), uri.map { Array($0.utf8) })
        if let uri { return .text("Contact (\(user), \(uri)) deleted from table \(name)") }
        return .text("user (\(name), \(user)) deleted")
    }

    func removeContacts(_ table: LocationTable, _ key: [UInt8], _ uri: [UInt8]? = nil) throws(ControlError) {
        guard table.withRecord(key, { _ in true }) == true else { return }
        let now = Int64(time(nil))
        table.update(key, now: now) { record, order in
            record.remove(&order) { uri == nil || $0.uri == uri }
            if !table.isPersistent { record.removals.removeAll() }
        }
        try self.save(table, key)
    }

    /// Waits until what was changed is in the database, where one follows.
    private func save(_ table: LocationTable, _ key: [UInt8]) throws(ControlError) {
        guard self.state.persistence.rows(of: table) != nil, let database = self.state.persistence.database,
            let change = table.change(of: key)
        else { return }
        let done = WorkQueue<Int>(limit: 1)
        database.save([change]) { _ = done.put($0) }
        guard done.take(most: 1, within: 10).first == 1 else {
            throw ControlError(500, "the proxy knows it, but the database does not yet; it is tried again")
        }
    }

    func flush() throws(ControlError) -> JSONValue {
        guard let database = self.state.persistence.database, self.state.persistence.keepsContacts else {
            return .text("ul_flush completed")
        }
        let changes = self.state.location.all.flatMap { $0.changes(limit: .max) }
        let done = WorkQueue<Int>(limit: 1)
        database.save(changes) { _ = done.put($0) }
        guard let saved = done.take(most: 1, within: 15).first, saved == changes.count else {
            throw ControlError(500, "not all contacts could be written")
        }
        return .text("ul_flush completed")
    }

    /// Users and expired ones of each table, as `ul_stats` counts them.
    func tableFigures() -> JSONValue {
        let now = Int64(time(nil))
        return .array(
            self.state.location.all.map { table in
                let records = table.all()
                let registered = records.count { record in record.bindings.contains { !$0.isExpired(at: now) } }
                return .object([
                    "table": .text(Printable.text(table.name)), "registered": .integer(registered),
                    "expired": .integer(records.count { !$0.bindings.isEmpty } - registered),
                    "contacts": .integer(table.bindingCount), "unsaved": .integer(table.unsavedCount),
                ])
            })
    }
}
