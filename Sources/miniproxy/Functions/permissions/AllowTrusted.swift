import SIPKit

extension FunctionBodies {
    /// `allow_trusted()`: whether the sender's address, transport and From stand in the table of trusted peers
    /// (FUNCTIONS.md §10).
    static let allowTrusted = Body(
        { arguments, context in
            let persistence = context.shared.persistence
            let settings = persistence.settings.trusted
            guard settings.hasURL, persistence.hasDatabase else { return .no }
            let source = context.trustedSource(arguments)
            if settings.isKept {
                return context.isTrusted(persistence.trusted.rows.filter { $0.first == source }, arguments)
            }
            context.question = .rows(
                TableQuery(
                    table: settings.table, columns: settings.columns,
                    matching: [ColumnValue(column: settings.source, value: source)]))
            return .ask
        },
        resume: { arguments, answer, context in
            guard case .rows(let rows) = answer else { return .no }
            return context.isTrusted(rows, arguments)
        })
}

extension RouteContext {
    /// The address as the table has it: text.
    fileprivate func trustedSource(_ arguments: borrowing PreparedArguments) -> [UInt8] {
        if arguments.count > 0 { return arguments.text(0) }
        return Array(String(describing: self.peer.address.ip.unmapped).utf8)
    }

    fileprivate mutating func isTrusted(
        _ rows: [[[UInt8]]], _ arguments: borrowing PreparedArguments
    ) -> FunctionResult {
        let transport =
            arguments.count > 1 ? arguments.text(1) : Array(String(describing: self.peer.transport).lowercased().utf8)
        let from = arguments.count > 2 ? arguments.text(2) : self.memory.span.copy(self.from.uri)
        for row in rows where row.count == 3 {
            let wanted = row[1].map(ASCII.lowercased)
            guard wanted == Array("any".utf8) || wanted == transport.map(ASCII.lowercased) else { continue }
            if row[2].isEmpty { return .yes }
            do throws(PatternError) {
                // A basic expression, as SER compiles it; case counts.
                if try PatternMatcher(basic: row[2], []).matches(from.span) { return .yes }
            } catch {
                self.log(-1, Array("allow_trusted: \(Printable.text(row[2])): \(error)".utf8))
            }
        }
        return .no
    }
}
