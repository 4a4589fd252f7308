import SIPKit

/// A row of an accounting table, of either generation (DATABASE.md, "acc"): the columns that are there are written.
struct AccountingRow {
    /// Columns of the table, and how many characters each may have.
    let columns: [String: Int?]

    /// SER 0.9's columns, by the letters of `log_fmt`.
    private static let letters: [(column: String, letter: UInt8)] = [
        ("sip_from", UInt8(ascii: "f")), ("sip_to", UInt8(ascii: "t")), ("sip_status", UInt8(ascii: "s")),
        ("sip_method", UInt8(ascii: "m")), ("i_uri", UInt8(ascii: "i")), ("o_uri", UInt8(ascii: "o")),
        ("from_uri", UInt8(ascii: "F")), ("to_uri", UInt8(ascii: "T")), ("sip_callid", UInt8(ascii: "c")),
        ("username", UInt8(ascii: "u")), ("fromtag", UInt8(ascii: "r")), ("totag", UInt8(ascii: "d")),
        ("method", UInt8(ascii: "m")), ("from_tag", UInt8(ascii: "r")), ("to_tag", UInt8(ascii: "d")),
        ("callid", UInt8(ascii: "c")),
    ]

    /// Who called, as far as that was proved.
    struct Caller {
        var user: [UInt8] = []
        var realm: [UInt8] = []
    }

    /// - Parameters:
    ///   - comment: `404 Not Found`: a code and what it says.
    ///   - outgoing: the Request-URI that was sent on.
    ///   - to: To as the answer has it; empty for the request's own.
    ///   - second: since 1970.
    func values(
        _ comment: [UInt8], _ bytes: Span<UInt8>, _ index: MessageIndex, outgoing: [UInt8], to: [UInt8] = [],
        by caller: Caller, at second: Int64
    ) -> [ColumnValue] {
        let line = AccountingLine(format: [], code: comment, outgoing: outgoing, to: to)
        var values: [ColumnValue] = []
        for (column, letter) in Self.letters where self.columns[column] != nil {
            let text = line.field(letter, bytes, index, caller.user)?.value ?? []
            values.append(self.value(column, text))
        }
        let words = comment.split(separator: ASCII.space, maxSplits: 1)
        let more: [(column: String, text: [UInt8])] = [
            ("domain", caller.realm), ("sip_code", Array(words.first ?? [])),
            ("sip_reason", words.count > 1 ? Array(words[1]) : []), ("time", SQLTime.text(second)),
        ]
        for (column, text) in more where self.columns[column] != nil { values.append(self.value(column, text)) }
        return values
    }

    /// Cut to what the column takes, in whole characters.
    private func value(_ column: String, _ text: [UInt8]) -> ColumnValue {
        var text = text
        if case .some(.some(let limit)) = self.columns[column], text.count > limit {
            text = Array(String(decoding: text, as: UTF8.self).prefix(limit).utf8)
        }
        return ColumnValue(column: Array(column.utf8), value: text)
    }
}
