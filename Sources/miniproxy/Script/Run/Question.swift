import SIPKit

/// What a function has to know before it can go on, and what the message path must not wait for.
///
/// The shard takes it from the host (`context.question`), has it answered elsewhere and resumes the run.
enum Question: Sendable, Equatable {
    /// The stored secret of a digest user, from a table such as `subscriber`.
    case credentials(user: [UInt8], realm: [UInt8], table: [UInt8])
    /// The addresses of a host name.
    case addresses(host: [UInt8])
    /// Rows of a table: the columns of those rows whose columns have these values.
    case rows(table: [UInt8], columns: [[UInt8]], matching: [ColumnValue])
    /// The change of bindings that the host has prepared is durable (write-through, DESIGN §5 "State").
    case saved
}

/// A column and what it must hold.
struct ColumnValue: Sendable, Equatable {
    var column: [UInt8]
    var value: [UInt8]
}

/// The answer to a `Question`.
enum Answer: Sendable, Equatable {
    /// To `credentials`: HA1 or password as the table has it, and further columns; `nil` for an unknown user.
    case credentials(secret: [UInt8], extra: [ColumnValue])
    case unknownUser
    case addresses([IPAddress])
    case rows([[[UInt8]]])
    case saved
    /// The database or the resolver is down or too slow.
    case failed
}
