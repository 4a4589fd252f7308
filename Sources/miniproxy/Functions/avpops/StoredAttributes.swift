import SIPKit

extension FunctionBodies {
    /// `avp_db_load("$ruri/username", "s:callfwd")`: a user's attributes from the database (FUNCTIONS.md §15).
    static let avpDBLoad = Body(
        { arguments, context throws(ParseError) in
            guard context.shared.persistence.hasDatabase,
                let rows = try context.preferences(arguments.text(0), StoredName(arguments.text(1)))
            else { return .no }
            let settings = context.shared.persistence.settings.preferences
            context.question = .rows(
                TableQuery(
                    table: rows.table, columns: [settings.attribute, settings.type, settings.value],
                    matching: rows.matching))
            return .ask
        },
        resume: { _, answer, context in
            guard case .rows(let rows) = answer else { return .no }
            var isFound = false
            for row in rows where row.count == 3 {
                guard let (name, value) = StoredName.attribute(row) else { continue }
                isFound = context.attributes.add(name, value) || isFound
            }
            return isFound ? .yes : .no
        })

    /// `avp_db_store("$from/username", "s:callfwd")`: what the message has of an attribute takes the place of what the
    /// database has.
    static let avpDBStore = Body(
        { arguments, context throws(ParseError) in
            let name = StoredName(arguments.text(1))
            guard context.shared.persistence.hasDatabase, let attribute = name.name,
                let rows = try context.preferences(arguments.text(0), name)
            else { return .no }
            let values = context.attributes.all(attribute)
            guard !values.isEmpty else { return .no }
            let settings = context.shared.persistence.settings.preferences
            var changes = [TableChange.delete(table: rows.table, matching: rows.matching)]
            for value in values.reversed() {
                var type = name.isNumber ? 2 : 0
                if case .number = value { type |= 1 }
                changes.append(
                    .insert(
                        table: rows.table,
                        rows.matching + [
                            ColumnValue(column: settings.value, value: value.text),
                            ColumnValue(column: settings.type, value: Array(String(type).utf8)),
                        ]))
            }
            context.question = .change(changes)
            return .ask
        }, resume: { _, answer, _ in answer == .failed ? .no : .yes })

    /// `avp_db_delete("$from/username", "s:callfwd")`.
    static let avpDBDelete = Body(
        { arguments, context throws(ParseError) in
            guard context.shared.persistence.hasDatabase,
                let rows = try context.preferences(arguments.text(0), StoredName(arguments.text(1)))
            else { return .no }
            context.question = .change([.delete(table: rows.table, matching: rows.matching)])
            return .ask
        }, resume: { _, answer, _ in answer == .failed ? .no : .yes })
}

/// `s:name`, `i:number`, a bare name, nothing for all; `/$table` behind it for another table than the module's.
private struct StoredName {
    /// `nil` for all.
    let name: AttributeList.Name?
    let table: [UInt8]?

    init(_ text: [UInt8]) {
        let parts = text.split(separator: ASCII.slash, maxSplits: 1, omittingEmptySubsequences: false)
        let name = Array(parts[0])
        self.table = parts.count == 2 && parts[1].first == UInt8(ascii: "$") ? Array(parts[1].dropFirst()) : nil
        self.name = name.isEmpty || name.elementsEqual("s:".utf8) ? nil : AttributeName(name).name
    }

    var isNumber: Bool { if case .number = self.name { true } else { false } }

    /// As the column has it.
    var text: [UInt8]? {
        switch self.name {
        case .number(let number): Array(String(number).utf8)
        case .text(let text): text
        case nil: nil
        }
    }

    /// From attribute, type and value: bit 0 of the type says that the value is a number, bit 1 that the name is.
    static func attribute(_ row: [[UInt8]]) -> (AttributeList.Name, AttributeList.Value)? {
        let type = Int(String(decoding: row[1], as: UTF8.self)) ?? 0
        func number(_ text: [UInt8]) -> Int? { Int(String(decoding: text, as: UTF8.self)) }
        var name = AttributeList.Name.text(row[0])
        var value = AttributeList.Value.text(row[2])
        if type & 2 != 0 {
            guard let number = number(row[0]) else { return nil }
            name = .number(number)
        }
        if type & 1 != 0 {
            guard let number = number(row[2]) else { return nil }
            value = .number(number)
        }
        return (name, value)
    }
}

extension RouteContext {
    /// The rows that a source and a name mean: of the user, of the user's domain, or of a `s:uuid`.
    fileprivate func preferences(
        _ source: [UInt8], _ name: StoredName
    ) throws(ParseError) -> (table: [UInt8], matching: [ColumnValue])? {
        let settings = self.shared.persistence.settings.preferences
        var matching: [ColumnValue] = []
        if source.starts(with: "s:".utf8) {
            matching.append(ColumnValue(column: settings.uuid, value: Array(source.dropFirst(2))))
        } else {
            let parts = String(decoding: source, as: UTF8.self).split(separator: "/", maxSplits: 1)
            guard let uri = self.preferenceOwner(parts.first.map(String.init) ?? "") else { return nil }
            let ranges = try URIRanges(parsing: uri.span, ByteRange(0, uri.count))
            let isDomain = parts.count == 2 && parts[1] == "domain"
            if !isDomain {
                matching.append(
                    ColumnValue(column: settings.user, value: SIPURI.unescape(uri.span.copy(ranges.user))))
            }
            if isDomain || settings.useDomain {
                matching.append(ColumnValue(column: settings.domain, value: uri.span.copy(ranges.host)))
            }
        }
        if let text = name.text { matching.append(ColumnValue(column: settings.attribute, value: text)) }
        return (name.table ?? settings.table, matching)
    }

    private func preferenceOwner(_ source: String) -> [UInt8]? {
        switch source {
        case "$ruri": self.requestURIBytes
        case "$from": self.memory.span.copy(self.from.uri)
        case "$to": self.memory.span.copy(self.to.uri)
        default: nil
        }
    }
}
