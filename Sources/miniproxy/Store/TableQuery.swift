/// Rows that are asked for: columns of those rows of a table in which some columns have these values.
struct TableQuery: Sendable, Equatable {
    var table: [UInt8]
    var columns: [[UInt8]]
    var matching: [ColumnValue] = []
    var order: [UInt8]?
}

/// A column and what it holds.
struct ColumnValue: Sendable, Equatable {
    var column: [UInt8]
    var value: [UInt8]
}

/// A change of a table that is not a contact table.
enum TableChange: Sendable, Equatable {
    case insert(table: [UInt8], [ColumnValue])
    case delete(table: [UInt8], matching: [ColumnValue])
    case update(table: [UInt8], [ColumnValue], matching: [ColumnValue])

    /// - Throws: ``StoreError`` for a name that no table or column has, and for a deletion without a condition.
    var step: SQLStep {
        get throws(StoreError) {
            switch self {
            case .insert(let table, let values):
                let names = try values.map { (item) throws(StoreError) in try SQLDialect.name(item.column) }
                let marks = Array(repeating: "?", count: values.count).joined(separator: ", ")
                return SQLStep(
                    sql:
                        "INSERT INTO \(try SQLDialect.name(table)) (\(names.joined(separator: ", "))) VALUES (\(marks))",
                    values: values.map(\.value))
            case .delete(let table, let matching):
                guard !matching.isEmpty else { throw StoreError(.misconfigured, "a deletion names no rows") }
                return SQLStep(
                    sql: "DELETE FROM \(try SQLDialect.name(table))" + (try SQLDialect.condition(matching)),
                    values: matching.map(\.value))
            case .update(let table, let values, let matching):
                let sets = try values.map { (item) throws(StoreError) in "\(try SQLDialect.name(item.column)) = ?" }
                return SQLStep(
                    sql: "UPDATE \(try SQLDialect.name(table)) SET \(sets.joined(separator: ", "))"
                        + (try SQLDialect.condition(matching)),
                    values: (values + matching).map(\.value))
            }
        }
    }
}
