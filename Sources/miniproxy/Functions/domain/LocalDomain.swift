import SIPKit

extension FunctionBodies {
    /// `is_uri_host_local()`: whether the host of the Request-URI is one of the served domains (FUNCTIONS.md §9).
    static let isURIHostLocal = Body(
        { _, context throws(ParseError) in context.isServed(try context.requestHost()) },
        resume: { _, answer, context throws(ParseError) in context.isServed(try context.requestHost(), answer) })

    /// `is_from_local()`: the same for the host of From.
    static let isFromLocal = Body(
        { _, context throws(ParseError) in context.isServed(try context.fromHost()) },
        resume: { _, answer, context throws(ParseError) in context.isServed(try context.fromHost(), answer) })

    /// `lookup_domain("example.org", "d_")`: whether a domain is ours; its name becomes the attribute `d_did`.
    static let lookupDomain = Body(
        { arguments, context in
            let verdict = context.isServed(arguments.text(0))
            return context.noteDomain(arguments, verdict)
        },
        resume: { arguments, answer, context in
            let verdict = context.isServed(arguments.text(0), answer)
            return context.noteDomain(arguments, verdict)
        })

    static let isDomainLocal = Body(
        { arguments, context in context.isServed(arguments.text(0)) },
        resume: { arguments, answer, context in context.isServed(arguments.text(0), answer) })
}

extension RouteContext {
    fileprivate func requestHost() throws(ParseError) -> [UInt8] {
        try self.withRequestURI { (bytes) throws(ParseError) in
            bytes.copy(try URIRanges(parsing: bytes, ByteRange(0, bytes.count)).host)
        }
    }

    fileprivate func fromHost() throws(ParseError) -> [UInt8] {
        self.memory.span.copy(try URIRanges(parsing: self.memory.span, self.from.uri).host)
    }

    fileprivate mutating func noteDomain(
        _ arguments: borrowing PreparedArguments, _ verdict: FunctionResult
    ) -> FunctionResult {
        if verdict == .yes {
            let name = arguments.text(1) + Array("did".utf8)
            _ = self.attributes.add(.text(name), .text(arguments.text(0).map(ASCII.lowercased)))
        }
        return verdict
    }

    /// Whether a domain was named as ours on the command line, or stands in the table. Our own address is only when it
    /// was named: not the same as `uri==myself`.
    fileprivate mutating func isServed(_ host: [UInt8], _ answer: Answer? = nil) -> FunctionResult {
        let name = host.map(ASCII.lowercased)
        let persistence = self.shared.persistence
        if let answer {
            guard case .rows(let rows) = answer else { return .no }
            return rows.contains { $0.first?.map(ASCII.lowercased) == name } ? .yes : .no
        }
        if self.shared.selves.domains.contains(name) { return .yes }
        let settings = persistence.settings
        guard persistence.hasDatabase, settings.modules.contains("domain") else { return .no }
        if settings.domain.isKept {
            return persistence.domains.rows.contains { $0.first?.map(ASCII.lowercased) == name } ? .yes : .no
        }
        self.question = .rows(
            TableQuery(
                table: settings.domain.table, columns: [settings.domain.column],
                matching: [ColumnValue(column: settings.domain.column, value: name)]))
        return .ask
    }
}
