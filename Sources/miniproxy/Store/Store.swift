/// One connection to a database. It belongs to one thread at a time, and every call may wait.
///
/// All values are texts, as both databases take them for every type; `nil` is NULL. They are bound to prepared
/// statements and never become part of one: what a phone sends as its user name cannot be a command.
protocol Store: AnyObject {
    var dialect: SQLDialect { get }

    /// Rows of one statement.
    ///
    /// - Throws: ``StoreError``.
    func query(_ sql: String, _ values: [[UInt8]?]) throws(StoreError) -> RowSet

    /// Carries all steps out, or none: one transaction, durable when this returns.
    ///
    /// - Returns: how many rows each step has changed.
    @discardableResult
    func perform(_ steps: [SQLStep]) throws(StoreError) -> [Int]
}

/// One statement that changes something.
struct SQLStep: Sendable, Equatable {
    var sql: String
    var values: [[UInt8]?] = []
}

/// What a statement has found.
struct RowSet: Sendable, Equatable {
    var columns: [String] = []
    var rows: [[[UInt8]?]] = []

    /// The rows with nothing in place of NULL.
    var texts: [[[UInt8]]] { self.rows.map { row in row.map { $0 ?? [] } } }
}

/// Where the two databases differ.
enum SQLDialect: Sendable {
    case sqlite, mariaDB

    /// A name of a table or column between backticks, which both take.
    ///
    /// - Throws: ``StoreError`` for anything but letters, digits and `_`: names come from scripts, and from people.
    static func name(_ name: [UInt8]) throws(StoreError) -> String {
        guard (1...64).contains(name.count),
            name.allSatisfy({
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x5F
            })
        else {
            throw StoreError(
                .misconfigured, "a table or column has no name like \"\(String(decoding: name, as: UTF8.self))\"")
        }
        return "`\(String(decoding: name, as: UTF8.self))`"
    }

    /// ` WHERE a = ? AND b = ?`, or nothing.
    static func condition(_ matching: [ColumnValue]) throws(StoreError) -> String {
        guard !matching.isEmpty else { return "" }
        let parts = try matching.map { (item) throws(StoreError) in "\(try Self.name(item.column)) = ?" }
        return " WHERE " + parts.joined(separator: " AND ")
    }
}

extension Store {
    /// The columns of a table and how many characters each may have (`nil` without limit); `nil` for no such table.
    func columns(of table: [UInt8]) throws(StoreError) -> [String: Int?]? {
        var found: [String: Int?] = [:]
        switch self.dialect {
        case .sqlite:
            for row in try self.query("SELECT name FROM pragma_table_info(?)", [table]).texts {
                found.updateValue(nil, forKey: String(decoding: row[0], as: UTF8.self))
            }
        case .mariaDB:
            let sql =
                "SELECT column_name, character_maximum_length FROM information_schema.columns "
                + "WHERE table_schema = DATABASE() AND table_name = ?"
            for row in try self.query(sql, [table]).texts {
                found.updateValue(
                    Int(String(decoding: row[1], as: UTF8.self)), forKey: String(decoding: row[0], as: UTF8.self))
            }
        }
        return found.isEmpty ? nil : found
    }

    /// Rows of a table.
    func rows(_ query: TableQuery) throws(StoreError) -> RowSet {
        let columns = try query.columns.map { (name) throws(StoreError) in try SQLDialect.name(name) }
        var sql = "SELECT \(columns.joined(separator: ", ")) FROM \(try SQLDialect.name(query.table))"
        sql += try SQLDialect.condition(query.matching)
        if let order = query.order { sql += " ORDER BY \(try SQLDialect.name(order))" }
        return try self.query(sql, query.matching.map(\.value))
    }
}
