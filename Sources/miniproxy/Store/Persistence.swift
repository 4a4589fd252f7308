import SIPKit
import Synchronization

/// What the proxy has of its database: the settings, the tables it keeps in memory, and what it remembers for the time
/// when the database does not answer.
final class Persistence: Sendable {
    let settings: StoreSettings
    /// `nil` where there is none.
    let database: Database?
    /// Credentials as they were when the database was asked last.
    let lastCredentials = LastKnownRows()
    /// The tables `domain` and `trusted`, where the script wants them kept.
    let domains = KeptTable()
    let trusted = KeptTable()
    /// Where users' call processing scripts are; `nil` where there is no such table.
    let cplTable: CPLTable?
    /// Those scripts, as they were read.
    let cplScripts = CPLCache()
    /// Which generation of tables for gateways there is; `nil` where there is none.
    let gateways: LCRTables?
    /// What the files of `allow_routing` and `allow_register` say.
    let permissionFiles: PermissionFiles
    /// What the file of `ds_select_dst` says.
    let dispatcher: DispatcherSets
    /// Columns of the table of users, so that optional ones are asked for only where they are.
    private let subscriberColumns: Set<[UInt8]>?
    /// The columns of the tables that accounting is written to.
    let accountingTables: [[UInt8]: [String: Int?]]
    private let log: ProxyLog
    private let flushing = Mutex(Flushing())

    private struct Flushing {
        var isUnderWay = false
        var next: Int64 = 0
    }

    /// Without a database.
    static let none = Persistence(StoreSettings(), permissionFiles: PermissionFiles())

    init(
        _ settings: StoreSettings, permissionFiles: PermissionFiles, dispatcher: DispatcherSets = .none
    ) {
        self.settings = settings
        self.dispatcher = dispatcher
        self.permissionFiles = permissionFiles
        self.database = nil
        self.subscriberColumns = nil
        self.accountingTables = [:]
        self.cplTable = nil
        self.gateways = nil
        self.log = ProxyLog(threshold: -9)
    }

    /// Opens the database, looks whether it has what the script needs, and reads the kept tables.
    ///
    /// - Throws: ``StoreError``: what is wrong, and what to do.
    init(
        _ settings: StoreSettings, at location: DatabaseLocation, natFlag: Int, permissionFiles: PermissionFiles,
        dispatcher: DispatcherSets = .none, start: Int64, log: ProxyLog
    ) throws(StoreError) {
        self.settings = settings
        self.dispatcher = dispatcher
        self.permissionFiles = permissionFiles
        self.log = log
        let store = try location.open()
        if try location.isUnwritten(store) {
            for step in Schema.new.steps(store.dialect) { try store.perform([step]) }
        }
        try SchemaCheck(store: store, location: location).check(settings)
        var tables: [LocationRows] = []
        if settings.usrloc.mode != .memory {
            for name in settings.contactTables {
                tables.append(
                    try LocationRows(table: name, in: store, settings.usrloc, natFlag: natFlag, start: start))
            }
        }
        let columns = try store.columns(of: Array("subscriber".utf8))
        self.subscriberColumns = columns.map { Set($0.keys.map { Array($0.utf8) }) }
        var accounting: [[UInt8]: [String: Int?]] = [:]
        for name in settings.accountingTables {
            guard let columns = try store.columns(of: name) else {
                throw StoreError(
                    .misconfigured,
                    "\(location): there is no table \(Printable.text(name)); make it with: miniproxy db create")
            }
            accounting[name] = columns
        }
        self.accountingTables = accounting
        let scripts = try store.columns(of: settings.cpl.table)
        self.cplTable = scripts.flatMap { CPLTable(settings.cpl, columns: Set($0.keys.map { Array($0.utf8) })) }
        self.gateways = try settings.modules.contains("lcr") ? LCRTables(settings.lcr, in: store) : nil
        if settings.modules.contains("domain"), settings.domain.isKept {
            self.domains.replace(try store.rows(Self.domainQuery(settings)).texts)
        }
        if settings.modules.contains("permissions"), settings.trusted.isKept {
            self.trusted.replace(try store.rows(Self.trustedQuery(settings)).texts)
        }
        if settings.dispatcher.isStored {
            let count = dispatcher.load(try Self.destinations(in: store, settings), log: log)
            log(2, "dispatcher: \(count) destinations")
        }
        self.database = try Database(location, store: store, contactTables: tables, log: log)
    }

    // MARK: Contacts

    /// Whether an answer to a REGISTER waits until what it says is durable (`db_mode` 1 and 3).
    var isWrittenThrough: Bool {
        self.database != nil && [.writeThrough, .databaseOnly].contains(self.settings.usrloc.mode)
    }
    /// Whether contacts are asked for each time (`db_mode` 3).
    var isDatabaseOnly: Bool { self.database != nil && self.settings.usrloc.mode == .databaseOnly }
    /// Whether the database follows the contact tables at all.
    var keepsContacts: Bool { self.database != nil && self.settings.usrloc.mode != .memory }

    /// How a table's contacts are written; `nil` where they are not.
    func rows(of table: LocationTable) -> LocationRows? {
        self.keepsContacts ? self.database?.contactTables[table.name] : nil
    }

    /// Reads the contact tables into memory.
    ///
    /// - Returns: how many contacts there were.
    func load(into tables: LocationTables, byTime: Bool, now: Int64) throws(StoreError) -> Int {
        guard let database = self.database, self.keepsContacts else { return 0 }
        var count = 0
        for (name, rows) in database.contactTables {
            let table = tables.named(name)
            guard !self.isDatabaseOnly else { continue }
            let found = try database.call { (store) throws(StoreError) in try store.rows(rows.loadAll) }
            let bindings = found.rows.compactMap { row in rows.binding(row, now: now) }
            count += bindings.count
            table.fill(bindings, byTime: byTime)
        }
        return count
    }

    /// Writes what has changed, when it is time: every `timer_interval` seconds.
    func tick(_ tables: LocationTables, now: Int64) {
        guard let database = self.database, self.keepsContacts else { return }
        let isDue = self.flushing.withLock { flushing in
            guard !flushing.isUnderWay, now >= flushing.next else { return false }
            // The first time is one interval after the start.
            let isFirst = flushing.next == 0
            flushing.next = now + Int64(self.settings.usrloc.timerInterval)
            flushing.isUnderWay = !isFirst
            return !isFirst
        }
        guard isDue else { return }
        self.flush(tables, database)
        let steps = database.contactTables.values.map { $0.expiry(at: now) }
        database.perform(steps)
    }

    /// What is written in one go; the rest follows when it is done.
    private static let flushLimit = 5_000

    private func flush(_ tables: LocationTables, _ database: Database) {
        let changes = tables.all.flatMap { $0.changes(limit: Self.flushLimit) }
        database.save(changes) { [self] saved in
            if saved == changes.count, saved >= Self.flushLimit { return self.flush(tables, database) }
            self.flushing.withLock { $0.isUnderWay = false }
        }
    }

    /// Writes what is left and closes the database.
    func finish(_ tables: LocationTables) {
        guard let database = self.database else { return }
        if self.keepsContacts {
            var before = -1
            // Once more for those that changed meanwhile; not for ever, when the database is down.
            while true {
                let changes = tables.all.flatMap { $0.changes(limit: Self.flushLimit) }
                let left = tables.all.reduce(0) { $0 + $1.unsavedCount }
                guard !changes.isEmpty, left != before else { break }
                before = left
                let done = WorkQueue<Int>(limit: 1)
                database.save(changes) { _ = done.put($0) }
                guard let saved = done.take(most: 1, within: 10).first, saved > 0 else { break }
            }
            let left = tables.all.reduce(0) { $0 + $1.unsavedCount }
            if left > 0 {
                self.log(-1, "database \(database.location): the contacts of \(left) users could not be written")
            }
        }
        database.finish()
    }

    // MARK: Users

    var hasDatabase: Bool { self.database != nil }

    func credentialsQuery(_ user: [UInt8], realm: [UInt8], table: [UInt8]) -> TableQuery {
        self.settings.auth.query(user, realm: realm, table: table, known: self.columns(of: table))
    }

    func attributes(_ row: [[UInt8]], table: [UInt8]) -> [(AttributeList.Name, AttributeList.Value)] {
        self.settings.auth.attributes(row, known: self.columns(of: table))
    }

    private func columns(of table: [UInt8]) -> Set<[UInt8]>? {
        table.elementsEqual("subscriber".utf8) ? self.subscriberColumns : nil
    }

    // MARK: Kept tables

    static func domainQuery(_ settings: StoreSettings) -> TableQuery {
        TableQuery(table: settings.domain.table, columns: [settings.domain.column])
    }

    static func trustedQuery(_ settings: StoreSettings) -> TableQuery {
        TableQuery(table: settings.trusted.table, columns: settings.trusted.columns)
    }

    /// Reads the table of domains anew; `false` where it is not kept.
    func reloadDomains() throws(StoreError) -> Bool {
        try self.reload(self.domains, Self.domainQuery(self.settings), self.settings.domain.isKept)
    }

    /// Reads the table of trusted peers anew; `false` where it is not kept.
    func reloadTrusted() throws(StoreError) -> Bool {
        try self.reload(self.trusted, Self.trustedQuery(self.settings), self.settings.trusted.isKept)
    }

    /// Reads the tables of gateways anew.
    ///
    /// - Returns: how many gateways there are; `nil` where the script has no use for them.
    func reloadGateways() throws(StoreError) -> Int? {
        guard let gateways = self.gateways, let database = self.database else { return nil }
        return try database.call { (store) throws(StoreError) in try gateways.reload(store) }
    }

    /// Reads dispatcher's file or table anew.
    ///
    /// - Returns: how many destinations there are; `nil` where the script names neither.
    func reloadDestinations() throws(StoreError) -> Int? {
        guard self.settings.dispatcher.isStored, let database = self.database else {
            return try self.dispatcher.reload()
        }
        let settings = self.settings
        let rows = try database.call { (store) throws(StoreError) in try Self.destinations(in: store, settings) }
        return self.dispatcher.load(rows, log: self.log)
    }

    /// Set, URI, flags and priority of each row; 0 where there is no such column.
    private static func destinations(in store: any Store, _ settings: StoreSettings) throws(StoreError) -> [[[UInt8]]] {
        let known = try store.columns(of: settings.dispatcher.table) ?? [:]
        let optional = ["flags", "priority"].filter { known[$0] != nil }
        let query = TableQuery(
            table: settings.dispatcher.table, columns: (["setid", "destination"] + optional).map { Array($0.utf8) })
        return try store.rows(query).texts.map { row in
            func value(_ name: String) -> [UInt8] {
                optional.firstIndex(of: name).flatMap { $0 + 2 < row.count ? row[$0 + 2] : nil } ?? [ASCII.zero]
            }
            return Array(row.prefix(2)) + [value("flags"), value("priority")]
        }
    }

    private func reload(_ table: KeptTable, _ query: TableQuery, _ isKept: Bool) throws(StoreError) -> Bool {
        guard isKept, let database = self.database else { return false }
        table.replace(try database.call { (store) throws(StoreError) in try store.rows(query).texts })
        return true
    }
}

/// A table that is kept in memory whole, until it is read anew.
final class KeptTable: Sendable {
    private let kept = Mutex<[[[UInt8]]]>([])

    var rows: [[[UInt8]]] { self.kept.withLock { $0 } }
    func replace(_ rows: [[[UInt8]]]) { self.kept.withLock { $0 = rows } }
}

/// Rows as they were when they were asked for last, for the time when the database does not answer. Bounded.
final class LastKnownRows: Sendable {
    private struct Entry {
        var row: [[UInt8]]
        var second: Int64
    }
    private let rows = Mutex<[[UInt8]: Entry]>([:])
    /// How many are remembered; when there are more, all are forgotten.
    static let limit = 100_000
    /// How long a row may be used, in seconds.
    static let lifetime: Int64 = 3_600

    /// Remembers a row, or that there is none.
    func remember(_ key: [UInt8], _ row: [[UInt8]]?, at second: Int64) {
        self.rows.withLock { rows in
            guard let row else {
                rows[key] = nil
                return
            }
            if rows.count >= Self.limit { rows.removeAll() }
            rows[key] = Entry(row: row, second: second)
        }
    }

    /// A password has changed: what was remembered may be wrong.
    func forget() { self.rows.withLock { $0.removeAll() } }

    func row(_ key: [UInt8], at second: Int64) -> [[UInt8]]? {
        self.rows.withLock { rows in
            guard let entry = rows[key], second - entry.second <= Self.lifetime else { return nil }
            return entry.row
        }
    }
}
