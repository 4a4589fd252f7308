import SIPKit

/// What a function has to know before it can go on, and what the message path must not wait for.
///
/// The shard takes it from the host (`context.question`), has it answered elsewhere and resumes the run.
enum Question: Sendable, Equatable {
    /// The addresses of a host name.
    case addresses(host: [UInt8])
    /// Rows of a table.
    case rows(TableQuery)
    /// A statement of the script's own, with values that are bound to it.
    case statement(SQLStep)
    /// Changes of tables, made together.
    case change([TableChange])
    /// The change of bindings that the host has made is durable (write-through).
    case save(LocationChange)
    /// Ports of an external media engine.
    case media(RTPProxyOrder)
}

/// The answer to a `Question`.
enum Answer: Sendable, Equatable {
    case addresses([IPAddress])
    /// The values of the columns that were asked for, row by row; NULL is nothing.
    case rows([[[UInt8]]])
    /// How many rows have changed.
    case changed(Int)
    case saved
    /// Where each stream goes to; `nil` for one that is off.
    case media([SocketAddress?])
    /// The database or the resolver is down or too slow.
    case failed
}
