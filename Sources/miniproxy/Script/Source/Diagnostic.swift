/// What is wrong with a script, or only odd: where, what, and what to write instead.
struct Diagnostic: Sendable, Equatable {
    enum Severity: String, Sendable { case error, warning }

    let severity: Severity
    let code: Code
    let range: SourceRange
    let message: String
    /// One more sentence: the reason, or the cure in words.
    let help: String?
    /// The edits that repair it, where there is one meaning.
    let fix: Fix?

    init(
        _ severity: Severity, _ code: Code, at range: SourceRange, _ message: String, help: String? = nil,
        fix: Fix? = nil
    ) {
        self.severity = severity
        self.code = code
        self.range = range
        self.message = message
        self.help = help
        self.fix = fix
    }

    /// Replaces a stretch of the source.
    struct Fix: Sendable, Equatable {
        let range: SourceRange
        let replacement: String

        static func replace(_ range: SourceRange, _ replacement: String) -> Fix {
            Fix(range: range, replacement: replacement)
        }
        static func insert(_ text: String, at range: SourceRange) -> Fix {
            Fix(range: range.before, replacement: text)
        }
        static func delete(_ range: SourceRange) -> Fix { Fix(range: range, replacement: "") }
    }

    /// The kind, for programs and tests; the words of the message may change, these do not.
    enum Code: String, Sendable, CaseIterable {
        // Characters and tokens.
        case calloutMark = "callout-mark"
        case calloutNumber = "callout-number"
        case strayCharacter = "stray-character"
        case codeFence = "code-fence"
        case unclosedComment = "unclosed-comment"
        case unclosedString = "unclosed-string"
        case missingOpeningQuote = "missing-opening-quote"
        case stringOverLines = "string-over-lines"
        case badNumber = "bad-number"
        case preprocessor
        case include
        // Grammar.
        case unexpected
        case missingSemicolon = "missing-semicolon"
        case semicolonBeforeElse = "semicolon-before-else"
        case elseWithoutIf = "else-without-if"
        case assignmentInCondition = "assignment-in-condition"
        case badOperator = "bad-operator"
        case badOperand = "bad-operand"
        case extraParenthesis = "extra-parenthesis"
        case unclosedBlock = "unclosed-block"
        case outsideOfBlock = "outside-of-block"
        case emptyBlock = "empty-block"
        case ellipsis
        case tooDeep = "too-deep"
        // Names.
        case misprint
        case unknownGlobal = "unknown-global"
        case badValue = "bad-value"
        case unknownModule = "unknown-module"
        case moduleNotAvailable = "module-not-available"
        case moduleNotLoaded = "module-not-loaded"
        case unknownModuleParameter = "unknown-module-parameter"
        case unknownFunction = "unknown-function"
        case unknownVariable = "unknown-variable"
        case functionNotAvailable = "function-not-available"
        case notInThisBlock = "not-in-this-block"
        case argumentCount = "argument-count"
        case badArgument = "bad-argument"
        case missingParentheses = "missing-parentheses"
        case badPattern = "bad-pattern"
        case suspiciousPattern = "suspicious-pattern"
        case undefinedBlock = "undefined-block"
        case duplicateBlock = "duplicate-block"
        case unusedBlock = "unused-block"
        case noMainBlock = "no-main-block"
        case unreachable
        case notAvailable = "not-available"
        /// A finding of the linter; which rule is in the message's head.
        case lint
    }
}
