/// A script as it was written: items in their order, nothing resolved.
struct SyntaxScript: Sendable {
    var items: [SyntaxItem] = []
    var dialect: Dialect = .ser

    var blocks: [SyntaxBlock] {
        self.items.compactMap { if case .block(let block) = $0 { block } else { nil } }
    }
}

enum SyntaxItem: Sendable {
    case global(SyntaxGlobal)
    case loadModule(path: SyntaxText, range: SourceRange)
    case moduleParameter(SyntaxModuleParameter)
    case block(SyntaxBlock)
}

/// A word or a string with its place.
struct SyntaxText: Sendable {
    var bytes: [UInt8]
    var range: SourceRange

    var text: String { String(decoding: self.bytes, as: UTF8.self) }
}

/// `name = value`, `group.name = value desc "…"`, `listen = a b c`.
struct SyntaxGlobal: Sendable {
    var name: SyntaxText
    var values: [SyntaxArgument]
}

/// `modparam("module", "parameter", value)`.
struct SyntaxModuleParameter: Sendable {
    var module: SyntaxText
    var name: SyntaxText
    var value: SyntaxArgument
    var range: SourceRange
}

/// `route[1] { … }` and its kin.
struct SyntaxBlock: Sendable {
    var kind: BlockKind
    /// "" for the one without a name: the main block of its kind.
    var name: String
    /// The keyword and the name.
    var head: SourceRange
    var open: SourceRange
    var close: SourceRange
    var body: [SyntaxStatement]
}

indirect enum SyntaxStatement: Sendable {
    case call(SyntaxCall)
    case route(SyntaxRouteCall)
    case flow(SyntaxFlow)
    case condition(SyntaxIf)
    case block([SyntaxStatement], SourceRange)
    case assignment(target: SyntaxText, value: SyntaxExpression)
    /// `while`, with the range of the word.
    case loop(SyntaxExpression, [SyntaxStatement], SourceRange)
    case choice(SyntaxSwitch)
}

struct SyntaxSwitch: Sendable {
    var subject: SyntaxExpression
    /// In their order; a body goes on into the next one unless it ends with `break`. `nil` is `default`.
    var cases: [(value: SyntaxExpression?, body: [SyntaxStatement])]
    var range: SourceRange
}

struct SyntaxIf: Sendable {
    var condition: SyntaxExpression
    var then: [SyntaxStatement]
    var otherwise: [SyntaxStatement]?
    /// The word `if`.
    var range: SourceRange
}

/// `break`, `drop`, `return`, `exit`.
struct SyntaxFlow: Sendable {
    enum Word: String, Sendable { case `break`, drop, `return`, exit }
    var word: Word
    /// `return(2)`; `nil` where there is none or it is not a plain number.
    var value: Int?
    var expression: SyntaxExpression?
    var range: SourceRange
}

/// `route(1)`, `route(RELAY)`.
struct SyntaxRouteCall: Sendable {
    var name: String
    var nameRange: SourceRange
    var range: SourceRange
}

/// A name and arguments; which function that is, the grammar does not know.
struct SyntaxCall: Sendable {
    var name: SyntaxText
    var arguments: [SyntaxArgument]
    var hasParentheses: Bool
    var range: SourceRange
    /// Unique in the script: what the checker found out about the call is kept under this number.
    var id: Int
}

struct SyntaxArgument: Sendable {
    enum Value: Sendable {
        case string([UInt8])
        case number(Int)
        /// A word, a host, an address, `uri:host`.
        case word(String)
        case variable(String)
    }
    var value: Value
    var range: SourceRange

    /// As text, however it was written.
    var bytes: [UInt8] {
        switch self.value {
        case .string(let bytes): bytes
        case .number(let number): Array(String(number).utf8)
        case .word(let word), .variable(let word): Array(word.utf8)
        }
    }
    var text: String { String(decoding: self.bytes, as: UTF8.self) }
}

indirect enum SyntaxExpression: Sendable {
    case comparison(SyntaxComparison)
    case not(SyntaxExpression, SourceRange)
    case and(SyntaxExpression, SyntaxExpression)
    case or(SyntaxExpression, SyntaxExpression)
    case call(SyntaxCall)
    case route(SyntaxRouteCall)
    case number(Int, SourceRange)
    case string([UInt8], SourceRange)
    case variable(String, SourceRange)
    /// `{ … }` used for its value.
    case block([SyntaxStatement], SourceRange)
    /// An operand alone, as in `if (uri)`, or part of arithmetic.
    case operand(SyntaxArgument)
    case arithmetic(SyntaxExpression, String, SyntaxExpression)
    /// `-x`, `~x`, `(int)x`, `(str)x`, `defined x`, `strlen(x)`, `strempty(x)`; the word is what stands before.
    case unary(String, SyntaxExpression, SourceRange)
    /// `/expression/` behind `case`.
    case pattern([UInt8], SourceRange)

    var range: SourceRange {
        switch self {
        case .comparison(let comparison): comparison.range
        case .not(let inner, let range), .unary(_, let inner, let range): range.through(inner.range)
        case .and(let left, let right), .or(let left, let right): left.range.through(right.range)
        case .arithmetic(let left, _, let right): left.range.through(right.range)
        case .call(let call): call.range
        case .route(let call): call.range
        case .number(_, let range), .string(_, let range), .variable(_, let range), .block(_, let range),
            .pattern(_, let range):
            range
        case .operand(let operand): operand.range
        }
    }
}

/// `left operator right`, as written.
struct SyntaxComparison: Sendable {
    enum Operator: String, Sendable {
        case equal = "=="
        case notEqual = "!="
        case matches = "=~"
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
    }
    var left: SyntaxExpression
    var comparison: Operator
    var operatorRange: SourceRange
    var right: SyntaxExpression

    var range: SourceRange { self.left.range.through(self.right.range) }
}
