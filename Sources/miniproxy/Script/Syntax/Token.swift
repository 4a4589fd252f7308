/// One word or sign of a script.
struct Token: Sendable, Equatable {
    let kind: Kind
    let range: SourceRange

    enum Kind: Sendable, Equatable {
        /// A letter, then letters, digits, `_`; also the compounds `msg:len`, `uri:host`, `uri:port`.
        case identifier(String)
        /// Decimal, `0x`, leading `0` octal.
        case number(Int)
        /// Its value, escapes done.
        case string([UInt8])
        /// `$ru`, `$var(x)`, `$(ru{s.len})`, `@to.tag`: as written.
        case variable(String)
        /// `/expression/` behind `case`.
        case pattern([UInt8])
        case sign(Sign)
        case end
    }

    /// The operators and brackets; the raw value is what one writes.
    enum Sign: String, Sendable, CaseIterable {
        case openBrace = "{"
        case closeBrace = "}"
        case openParen = "("
        case closeParen = ")"
        case openBracket = "["
        case closeBracket = "]"
        case semicolon = ";"
        case comma = ","
        case assign = "="
        case equal = "=="
        case notEqual = "!="
        case matches = "=~"
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case and = "&&"
        case or = "||"
        case bitAnd = "&"
        case bitOr = "|"
        case not = "!"
        case colon = ":"
        case dot = "."
        case plus = "+"
        case minus = "-"
        case times = "*"
        case divide = "/"
        case shiftLeft = "<<"
        case shiftRight = ">>"
        case bitXor = "^"
        case bitNot = "~"
    }

    func isSign(_ sign: Sign) -> Bool { self.kind == .sign(sign) }

    func isWord(_ word: String) -> Bool { self.kind == .identifier(word) }

    var word: String? {
        if case .identifier(let word) = self.kind { word } else { nil }
    }

    /// As a message names it.
    var description: String {
        switch self.kind {
        case .identifier(let word): "`\(word)`"
        case .number(let number): "`\(number)`"
        case .string: "a string"
        case .variable(let name): "`\(name)`"
        case .pattern: "an expression"
        case .sign(let sign): "`\(sign.rawValue)`"
        case .end: "the end of the file"
        }
    }
}
