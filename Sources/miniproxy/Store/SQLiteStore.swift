import GRDB

/// A database in one file, or in memory.
///
/// Write-ahead log with `synchronous=FULL`: a transaction is on the disk when `perform` returns, and a file that was
/// torn by a crash is whole again when it is opened.
final class SQLiteStore: Store {
    private let queue: DatabaseQueue

    var dialect: SQLDialect { .sqlite }

    /// - Parameter path: of the file, which is made when there is none; `nil` for one in memory.
    init(path: String?) throws(StoreError) {
        var configuration = Configuration()
        configuration.busyMode = .timeout(2)
        configuration.allowsUnsafeTransactions = true
        do {
            guard let path else {
                self.queue = try DatabaseQueue(configuration: configuration)
                return
            }
            configuration.journalMode = .wal
            self.queue = try DatabaseQueue(path: path, configuration: configuration)
            try self.queue.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
                // The file stays as large as it was when the log is taken over, so that a full disk is met seldom.
                try database.execute(sql: "PRAGMA wal_autocheckpoint = 2000")
            }
        } catch {
            throw Self.translate(error, path ?? "memory")
        }
    }

    func query(_ sql: String, _ values: [[UInt8]?]) throws(StoreError) -> RowSet {
        do {
            return try self.queue.writeWithoutTransaction { database in
                let statement = try database.cachedStatement(sql: sql)
                var set = RowSet(columns: statement.columnNames)
                let cursor = try Row.fetchCursor(statement, arguments: Self.arguments(values))
                while let row = try cursor.next() {
                    var texts: [[UInt8]?] = []
                    texts.reserveCapacity(row.count)
                    for place in 0..<row.count { texts.append(Self.text(row[place] as DatabaseValue)) }
                    set.rows.append(texts)
                }
                return set
            }
        } catch {
            throw Self.translate(error, self.queue.path)
        }
    }

    func perform(_ steps: [SQLStep]) throws(StoreError) -> [Int] {
        do {
            return try self.queue.writeWithoutTransaction { database in
                var changes: [Int] = []
                try database.inTransaction(.immediate) {
                    for step in steps {
                        let statement = try database.cachedStatement(sql: step.sql)
                        try statement.execute(arguments: Self.arguments(step.values))
                        changes.append(database.changesCount)
                    }
                    return .commit
                }
                return changes
            }
        } catch {
            throw Self.translate(error, self.queue.path)
        }
    }

    private static func arguments(_ values: [[UInt8]?]) -> StatementArguments {
        StatementArguments(values.map { $0.map { String(decoding: $0, as: UTF8.self) } })
    }

    private static func text(_ value: DatabaseValue) -> [UInt8]? {
        switch value.storage {
        case .null: nil
        case .int64(let number): Array(String(number).utf8)
        case .double(let number): Array("\(number)".utf8)
        case .string(let text): Array(text.utf8)
        case .blob(let data): Array(data)
        }
    }

    private static func translate(_ error: any Error, _ path: String) -> StoreError {
        guard let error = error as? DatabaseError else { return StoreError(.unreachable, "\(path): \(error)") }
        let text = "\(path): \(error.message ?? "SQLite error") (\(error.resultCode.rawValue))"
        switch error.resultCode {
        case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_READONLY: return StoreError(.full, text)
        case .SQLITE_CONSTRAINT, .SQLITE_TOOBIG, .SQLITE_MISMATCH, .SQLITE_ERROR: return StoreError(.refused, text)
        case .SQLITE_NOTADB, .SQLITE_CORRUPT: return StoreError(.misconfigured, text)
        default: return StoreError(.unreachable, text)
        }
    }
}
