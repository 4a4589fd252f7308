import SIPKit

/// A contact table as it lies in a database, of either generation (DATABASE.md, "location"): the columns that are there
/// are written, the others are not missed.
struct LocationRows: Sendable {
    let table: [UInt8]
    private let settings: UsrlocSettings
    private let natFlag: Int
    /// Our names of the columns that the table has, in the order of `insert`.
    private let columns: [Column]
    private let insert: String
    private let deleteOne: String
    private let deleteAll: String
    private let expire: String
    /// How long texts of a column may be, where there is a limit.
    private let limits: [Column: Int]
    /// Makes `ruid`, which has to be different in every row that was ever written, together with a count.
    private let start: String

    private enum Column: CaseIterable {
        case username, domain, contact, received, path, expires, q, callID, cSeq, lastModified, flags, cflags,
            userAgent,
            ruid, method, methods, socket
    }

    /// - Throws: ``StoreError``: there is no such table, or it lacks a column that is needed.
    init(
        table: [UInt8], in store: any Store, _ settings: UsrlocSettings, natFlag: Int, start: Int64
    ) throws(StoreError) {
        self.table = table
        self.settings = settings
        self.natFlag = natFlag
        self.start = "mp-\(String(start, radix: 16))-"
        let name = String(decoding: table, as: UTF8.self)
        guard let found = try store.columns(of: table) else {
            throw StoreError(
                .misconfigured, "there is no table \(name); make the tables with: miniproxy db create")
        }
        let known = Dictionary(found.map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { first, _ in first })
        var columns: [Column] = []
        var limits: [Column: Int] = [:]
        for column in Column.allCases {
            guard let limit = known[Self.name(column, settings).lowercased()] else { continue }
            columns.append(column)
            if let limit { limits[column] = limit }
        }
        for column in [Column.username, .contact, .expires] where !columns.contains(column) {
            throw StoreError(.misconfigured, "table \(name) has no column \(Self.name(column, settings))")
        }
        if settings.useDomain, !columns.contains(.domain) {
            throw StoreError(.misconfigured, "table \(name) has no column \(Self.name(.domain, settings))")
        }
        self.columns = columns
        self.limits = limits
        func quoted(_ column: Column) throws(StoreError) -> String {
            try SQLDialect.name(Array(Self.name(column, settings).utf8))
        }
        let names = try columns.map { (column) throws(StoreError) in try quoted(column) }.joined(separator: ", ")
        let marks = Array(repeating: "?", count: columns.count).joined(separator: ", ")
        let quotedTable = try SQLDialect.name(table)
        self.insert = "INSERT INTO \(quotedTable) (\(names)) VALUES (\(marks))"
        var user = "\(try quoted(.username)) = ?"
        if settings.useDomain { user += " AND \(try quoted(.domain)) = ?" }
        self.deleteAll = "DELETE FROM \(quotedTable) WHERE \(user)"
        self.deleteOne = self.deleteAll + " AND \(try quoted(.contact)) = ?"
        self.expire =
            "DELETE FROM \(quotedTable) WHERE \(try quoted(.expires)) <= ? AND \(try quoted(.expires)) > '1970-01-02 00:00:00'"
    }

    private static func name(_ column: Column, _ settings: UsrlocSettings) -> String {
        switch column {
        case .username: settings.userColumn
        case .domain: settings.domainColumn
        case .contact: settings.contactColumn
        case .received: settings.receivedColumn
        case .path: settings.pathColumn
        case .expires: settings.expiresColumn
        case .q: settings.qColumn
        case .callID: settings.callIDColumn
        case .cSeq: settings.cSeqColumn
        case .lastModified: "last_modified"
        case .flags: settings.flagsColumn
        case .cflags: settings.cflagsColumn
        case .userAgent: settings.userAgentColumn
        case .ruid: "ruid"
        case .method: "method"
        case .methods: settings.methodsColumn
        case .socket: settings.socketColumn
        }
    }

    // MARK: Writing

    /// Whether the texts that make a binding what it is fit into their columns; the others may be cut.
    func refusal(key: [UInt8], contacts: [[UInt8]], path: [UInt8] = []) -> StaticString? {
        let (user, domain) = self.parts(key)
        if !Self.fits(user, self.limits[.username]) || !Self.fits(domain, self.limits[.domain]) {
            return "Address Of Record too long"
        }
        for contact in contacts where !Self.fits(contact, self.limits[.contact]) { return "Contact too long" }
        // Half a way leads nowhere.
        if !path.isEmpty, !self.columns.contains(.path) { return Self.noPath }
        if !Self.fits(path, self.limits[.path]) { return "Path too long" }
        return nil
    }

    /// SER 0.9's table has no place for a Path; a contact without it would be called past its proxies after a restart.
    static let noPath: StaticString = "The table of contacts has no column for Path"

    private static func fits(_ text: [UInt8], _ limit: Int?) -> Bool { limit.map { text.count <= $0 } ?? true }

    private func parts(_ key: [UInt8]) -> (user: [UInt8], domain: [UInt8]) {
        guard self.settings.useDomain, let at = key.lastIndex(of: ASCII.at) else { return (key, []) }
        return (Array(key[..<at]), Array(key[(at + 1)...]))
    }

    func steps(for change: LocationChange) -> [SQLStep] {
        let (user, domain) = self.parts(change.key)
        let owner = self.settings.useDomain ? [user, domain] : [user]
        var steps: [SQLStep] = []
        if change.replacesAll {
            steps.append(SQLStep(sql: self.deleteAll, values: owner))
        } else {
            for uri in change.removed { steps.append(SQLStep(sql: self.deleteOne, values: owner + [uri])) }
        }
        for binding in change.changed {
            if !change.replacesAll { steps.append(SQLStep(sql: self.deleteOne, values: owner + [binding.uri])) }
            steps.append(
                SQLStep(sql: self.insert, values: self.columns.map { self.value($0, binding, user, domain) }))
        }
        return steps
    }

    /// Takes away rows that have expired; permanent ones stay.
    func expiry(at second: Int64) -> SQLStep { SQLStep(sql: self.expire, values: [SQLTime.text(second)]) }

    private func value(_ column: Column, _ binding: Binding, _ user: [UInt8], _ domain: [UInt8]) -> [UInt8]? {
        switch column {
        case .username: user
        case .domain: domain
        case .contact: binding.uri
        case .received: binding.received.isEmpty ? nil : self.cut(binding.received, column)
        case .path: binding.path.isEmpty ? nil : self.cut(binding.path, column)
        case .expires: SQLTime.text(binding.expires == .max ? 0 : binding.expires)
        case .q: Self.digits(q: binding.q)
        case .callID: self.cut(binding.callID, column)
        case .cSeq: Array(String(Int32(truncatingIfNeeded: binding.cSeq & 0x7FFF_FFFF)).utf8)
        case .lastModified: SQLTime.text(binding.modified)
        case .flags: Array(String(self.flags(of: binding)).utf8)
        case .cflags: Array(String(Int32(bitPattern: binding.flags)).utf8)
        case .userAgent: self.cut(binding.userAgent, column)
        case .ruid: Array((self.start + String(binding.order, radix: 16)).utf8)
        case .socket: binding.socket?.text
        case .method, .methods: nil
        }
    }

    /// SER's flags: 1 behind NAT, 128 permanent. Script flags go into a column of their own; where there is none, those up to
    /// 14 stand above the sixteen bits that are SER's.
    private func flags(of binding: Binding) -> Int {
        var flags = binding.expires == .max ? 128 : 0
        guard !self.columns.contains(.cflags) else { return flags }
        if self.natFlag >= 0, binding.flags & (1 << UInt32(self.natFlag)) != 0 { flags |= 1 }
        return flags | Int(binding.flags & 0x7FFF) << 16
    }

    /// Cut to the column's length, and to whole characters.
    private func cut(_ text: [UInt8], _ column: Column) -> [UInt8] {
        guard let limit = self.limits[column], text.count > limit else { return text }
        return Array(String(decoding: text, as: UTF8.self).prefix(limit).utf8)
    }

    /// `0.50`; −1.00 where there is none.
    private static func digits(q: Int16) -> [UInt8] {
        guard q >= 0 else { return Array("-1.00".utf8) }
        let fraction = String(q % 1000)
        return Array("\(q / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)".utf8)
    }

    // MARK: Reading

    /// All rows, the oldest first.
    var loadAll: TableQuery { self.query([]) }

    /// The rows of one user.
    func load(_ key: [UInt8]) -> TableQuery {
        let (user, domain) = self.parts(key)
        var matching = [ColumnValue(column: Array(self.settings.userColumn.utf8), value: user)]
        if self.settings.useDomain {
            matching.append(ColumnValue(column: Array(self.settings.domainColumn.utf8), value: domain))
        }
        return self.query(matching)
    }

    private func query(_ matching: [ColumnValue]) -> TableQuery {
        TableQuery(
            table: self.table, columns: self.columns.map { Array(Self.name($0, self.settings).utf8) },
            matching: matching,
            order: self.columns.contains(.lastModified) ? Array("last_modified".utf8) : nil)
    }

    /// A binding from a row of ``load(_:)``, with the key of its user; `nil` for a row without a user or a contact, and
    /// for one that has expired.
    func binding(_ row: [[UInt8]?], now: Int64) -> (key: [UInt8], binding: Binding)? {
        guard row.count == self.columns.count else { return nil }
        var user: [UInt8] = []
        var domain: [UInt8] = []
        var binding = Binding(uri: [], expires: 0, q: -1, callID: [], cSeq: 0, order: 0, flags: 0)
        for (column, value) in zip(self.columns, row) {
            guard let value else { continue }
            switch column {
            case .username: user = value
            case .domain: domain = value
            case .contact: binding.uri = value
            case .received: binding.received = value
            case .path: binding.path = value
            case .expires: binding.expires = SQLTime.seconds(value) ?? 0
            case .q: binding.q = Self.thousandths(value)
            case .callID: binding.callID = value
            case .cSeq:
                binding.cSeq = UInt32(ASCII.number(value.span, ByteRange(0, value.count), limit: 0xFFFF_FFFF) ?? 0)
            case .lastModified: binding.modified = SQLTime.seconds(value) ?? 0
            case .flags:
                let flags = Int(String(decoding: value, as: UTF8.self)) ?? 0
                if flags & 1 != 0, self.natFlag >= 0 { binding.flags |= 1 << UInt32(self.natFlag) }
                if !self.columns.contains(.cflags) { binding.flags |= UInt32(flags >> 16 & 0x7FFF) }
            case .cflags: binding.flags |= UInt32(bitPattern: Int32(String(decoding: value, as: UTF8.self)) ?? 0)
            case .userAgent: binding.userAgent = value
            case .socket: binding.socket = SendSocket(value)
            case .ruid, .method, .methods: break
            }
        }
        if binding.expires == 0 { binding.expires = .max }
        guard !user.isEmpty, !binding.uri.isEmpty, !binding.isExpired(at: now) else { return nil }
        var key = user
        if self.settings.useDomain { key += [ASCII.at] + domain.map(ASCII.lowercased) }
        return (key, binding)
    }

    private static func thousandths(_ text: [UInt8]) -> Int16 {
        guard let number = Double(String(decoding: text, as: UTF8.self)), number >= 0, number <= 1 else { return -1 }
        return Int16((number * 1000).rounded())
    }
}
