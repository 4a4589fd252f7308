import SIPKit

/// A text with variables in it, taken apart when the script is loaded: `"P-hint: $rU from $si\r\n"`, and `%ru` as SER's
/// `xlog` has them (FUNCTIONS.md §18).
struct FormatText: Sendable {
    enum Part: Sendable, Equatable {
        case text([UInt8])
        case variable(ScriptVariable)
    }

    enum Style: Sendable {
        /// `$name`; an unknown one is an error.
        case variables
        /// `%ru` besides, and what is unknown stands as it is written, as in SER.
        case log
        /// Both, and an unknown `$name` is an error.
        case strictLog
    }

    let source: [UInt8]
    let parts: [Part]

    /// The text, where no variable is in it.
    var plain: [UInt8]? {
        switch self.parts.count {
        case 0: []
        case 1: if case .text(let text) = self.parts[0] { text } else { nil }
        default: nil
        }
    }

    init(_ variable: ScriptVariable, source: [UInt8]) {
        self.source = source
        self.parts = [.variable(variable)]
    }

    init(parsing text: [UInt8], _ style: Style) throws(VariableError) {
        self.source = text
        var parts: [Part] = []
        var literal: [UInt8] = []
        func flush() {
            if !literal.isEmpty { parts.append(.text(literal)) }
            literal = []
        }
        var at = 0
        while at < text.count {
            let byte = text[at]
            let next = at + 1 < text.count ? text[at + 1] : 0
            if byte == UInt8(ascii: "$") {
                if next == byte {
                    literal.append(byte)
                    at += 2
                    continue
                }
                let found: (variable: ScriptVariable, end: Int)?
                do throws(VariableError) {
                    found = try VariableParser.parse(text, from: at)
                } catch {
                    guard style == .log else { throw error }
                    found = nil
                }
                if let found {
                    flush()
                    parts.append(.variable(found.variable))
                    at = found.end
                    continue
                }
            } else if byte == ASCII.percent, style != .variables {
                if next == byte {
                    literal.append(byte)
                    at += 2
                    continue
                }
                if let (variable, end) = Self.specifier(text, at) {
                    flush()
                    parts.append(.variable(variable))
                    at = end
                    continue
                }
            }
            literal.append(byte)
            at += 1
        }
        flush()
        self.parts = parts
    }

    /// `%ru`, `%{Header-Name}`, `%{Header-Name[1]}`; two letters that nobody knows are nothing, which prints `<null>`.
    private static func specifier(_ text: [UInt8], _ at: Int) -> (ScriptVariable, Int)? {
        if at + 1 < text.count, text[at + 1] == UInt8(ascii: "{"),
            let end = text[at...].firstIndex(of: UInt8(ascii: "}"))
        {
            var name = Array(text[(at + 2)..<end])
            var index = ScriptVariable.Index.first
            if name.last == ASCII.closeBracket, let open = name.firstIndex(of: ASCII.openBracket) {
                index = .at(Int(ASCII.number(name.span, ByteRange(open + 1, name.count - 1), limit: 1000) ?? 0))
                name = Array(name[..<open])
            }
            return (ScriptVariable(name: .header(name), index: index), end + 1)
        }
        guard at + 2 < text.count, ASCII.isLetter(text[at + 1]), ASCII.isLetter(text[at + 2]) else { return nil }
        let name = String(decoding: text[(at + 1)...(at + 2)], as: UTF8.self)
        // The one name that meant something else.
        let known = name == "is" ? .sourceAddress : ScriptVariable.Known(rawValue: name)
        return (ScriptVariable(name: known.map { .known($0) } ?? .null), at + 3)
    }

    /// The text with the values filled in; what is not there is `<null>`.
    func fill(_ value: (ScriptVariable) -> ScriptValue) -> [UInt8] {
        var output: [UInt8] = []
        for part in self.parts {
            switch part {
            case .text(let text): output += text
            case .variable(let variable):
                let value = value(variable)
                if value == .null { output += "<null>".utf8 } else { output += value.bytes }
            }
            // An attribute that is made of itself in a loop comes to an end.
            if output.count > ScriptExpression.longestText { return Array(output.prefix(ScriptExpression.longestText)) }
        }
        return output
    }
}
