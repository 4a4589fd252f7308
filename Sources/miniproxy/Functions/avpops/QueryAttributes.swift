import SIPKit

extension FunctionBodies {
    /// `avp_db_query("select uri from gateways where prefix = '$rU'", "$avp(s:gateway)")`: 1 where there are rows, −2 where
    /// there are none, −1 where the statement cannot be carried out.
    static let avpDBQuery = Body(
        { arguments, context throws(ParseError) in
            guard context.shared.persistence.hasDatabase else { return .no }
            let query = try QueryText(arguments.text(0))
            let values = query.values.map { value in value.fill { context.read($0) } }
            context.question = .statement(SQLStep(sql: query.sql, values: values))
            return .ask
        },
        resume: { arguments, answer, context in
            guard case .rows(let rows) = answer else { return .no }
            guard !rows.isEmpty else { return .value(-2) }
            let names = arguments.text(1).split(separator: ASCII.semicolon).map { AttributeName(Array($0)).name }
            // Attributes are read last in, first out: the first row is to be the first.
            for row in rows.reversed() {
                for (place, value) in row.enumerated() {
                    if names.isEmpty {
                        _ = context.attributes.add(.number(place + 1), .text(value))
                    } else if place < names.count {
                        _ = context.attributes.add(names[place], .text(value))
                    }
                }
            }
            return .yes
        })
}

/// A statement as a script writes it. What is filled in for each message is bound to the statement as a value and never
/// becomes part of its text: `'$rU'` may be anybody's name.
struct QueryText {
    let sql: String
    let values: [FormatText]

    /// - Throws: ``ParseError`` for a variable that there is none of, a string without an end, and for `?`.
    init(_ text: [UInt8]) throws(ParseError) {
        var sql: [UInt8] = []
        var values: [FormatText] = []
        var at = 0
        while at < text.count {
            switch text[at] {
            case UInt8(ascii: "'"):
                let (content, end) = try Self.string(text, from: at)
                if content.contains(UInt8(ascii: "$")) {
                    values.append(try Self.format(content))
                    sql.append(UInt8(ascii: "?"))
                } else {
                    sql += text[at..<end]
                }
                at = end
            case UInt8(ascii: "$"):
                do throws(VariableError) {
                    guard let (variable, end) = try VariableParser.parse(text, from: at) else {
                        throw VariableError("no variable")
                    }
                    values.append(FormatText(variable, source: Array(text[at..<end])))
                    sql.append(UInt8(ascii: "?"))
                    at = end
                } catch {
                    throw ParseError(.malformed, "statement", expected: "a variable", found: Array(text[at...]))
                }
            case UInt8(ascii: "?"):
                throw ParseError(.malformed, "statement", expected: "no `?`", found: Array(text[at...]))
            default:
                sql.append(text[at])
                at += 1
            }
        }
        self.sql = String(decoding: sql, as: UTF8.self)
        self.values = values
    }

    private static func format(_ text: [UInt8]) throws(ParseError) -> FormatText {
        do throws(VariableError) {
            return try FormatText(parsing: text, .variables)
        } catch {
            throw ParseError(.malformed, "statement", expected: "variables that there are", found: text)
        }
    }

    /// What stands between the quotes, and where they end; `''` is a quote.
    private static func string(_ text: [UInt8], from start: Int) throws(ParseError) -> (content: [UInt8], end: Int) {
        var content: [UInt8] = []
        var at = start + 1
        while at < text.count {
            if text[at] == UInt8(ascii: "'") {
                guard at + 1 < text.count, text[at + 1] == UInt8(ascii: "'") else { return (content, at + 1) }
                at += 1
            }
            content.append(text[at])
            at += 1
        }
        throw ParseError(.malformed, "statement", expected: "an end of the string", found: Array(text[start...]))
    }
}
