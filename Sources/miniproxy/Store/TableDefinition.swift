/// One table of a schema: what `miniproxy db create` makes of it, for either database.
struct TableDefinition: Sendable {
    struct Column: Sendable {
        enum Kind: Sendable {
            case text(Int)
            case integer, real, datetime, longText
            /// A number that the database gives.
            case identity
        }
        let name: String
        let kind: Kind
        /// As SQL writes it; `nil` for NULL.
        let standard: String?
    }

    let name: String
    let version: Int
    let columns: [Column]
    /// The columns that tell a row from all others.
    let key: [String]
    let indexes: [[String]]

    init(_ name: String, _ version: Int, key: [String], indexes: [[String]] = [], _ columns: [Column]) {
        self.name = name
        self.version = version
        self.key = key
        self.indexes = indexes
        self.columns = columns
    }

    func steps(_ dialect: SQLDialect) -> [SQLStep] {
        var lines = self.columns.map { self.line($0, dialect) }
        let hasIdentity = self.columns.contains { if case .identity = $0.kind { true } else { false } }
        let keyNames = self.key.map { "`\($0)`" }.joined(separator: ", ")
        if !self.key.isEmpty { lines.append("\(hasIdentity ? "UNIQUE" : "PRIMARY KEY") (\(keyNames))") }
        if dialect == .mariaDB {
            for (place, index) in self.indexes.enumerated() {
                lines.append("KEY `\(self.name)_\(place + 1)` (\(index.map { "`\($0)`" }.joined(separator: ", ")))")
            }
        }
        var sql = "CREATE TABLE IF NOT EXISTS `\(self.name)` (\n  \(lines.joined(separator: ",\n  "))\n)"
        // Names are compared byte by byte, as the proxy does.
        if dialect == .mariaDB { sql += " DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin" }
        var steps = [SQLStep(sql: sql)]
        guard dialect == .sqlite else { return steps }
        for (place, index) in self.indexes.enumerated() {
            let names = index.map { "`\($0)`" }.joined(separator: ", ")
            steps.append(
                SQLStep(
                    sql: "CREATE INDEX IF NOT EXISTS `\(self.name)_\(place + 1)` ON `\(self.name)` (\(names))"))
        }
        return steps
    }

    private func line(_ column: Column, _ dialect: SQLDialect) -> String {
        let type =
            switch column.kind {
            case .text(let length): "VARCHAR(\(length))"
            case .integer: dialect == .sqlite ? "INTEGER" : "INT"
            case .real: "FLOAT(10,2)"
            case .datetime: "DATETIME"
            case .longText: dialect == .sqlite ? "TEXT" : "MEDIUMTEXT"
            case .identity:
                dialect == .sqlite ? "INTEGER PRIMARY KEY AUTOINCREMENT" : "INT UNSIGNED PRIMARY KEY AUTO_INCREMENT"
            }
        var line = "`\(column.name)` \(type)"
        if case .identity = column.kind { return line }
        // Domain names are the same in either case (RFC 4343).
        if ["domain", "sd_domain", "alias_domain"].contains(column.name) {
            line += dialect == .sqlite ? " COLLATE NOCASE" : " COLLATE utf8mb4_general_ci"
        }
        return line + (column.standard.map { " NOT NULL DEFAULT \($0)" } ?? " NULL")
    }
}

extension TableDefinition.Column {
    static func text(_ name: String, _ length: Int, _ standard: String? = "''") -> Self {
        Self(name: name, kind: .text(length), standard: standard)
    }
    static func optional(_ name: String, _ length: Int) -> Self { .text(name, length, nil) }
    static func integer(_ name: String, _ standard: Int? = 0) -> Self {
        Self(name: name, kind: .integer, standard: standard.map { String($0) })
    }
    static func real(_ name: String, _ standard: String) -> Self { Self(name: name, kind: .real, standard: standard) }
    static func datetime(_ name: String, _ standard: String = "'1970-01-01 00:00:00'") -> Self {
        Self(name: name, kind: .datetime, standard: standard)
    }
    static func longText(_ name: String) -> Self { Self(name: name, kind: .longText, standard: nil) }
    static var id: Self { Self(name: "id", kind: .identity, standard: nil) }
}
