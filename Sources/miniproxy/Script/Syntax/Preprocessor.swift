import Glibc
import SIPKit

/// Turns the text of a script and its includes into tokens, with definitions and conditions carried out (LANGUAGE.md
/// §14). Lines that a condition leaves out are not looked at.
struct Preprocessor {
    static let words: Set<String> = [
        "define", "def", "trydef", "trydefine", "redefine", "redef", "undef", "undefine", "ifdef", "ifndef", "ifexp",
        "else", "endif", "defexp", "defexps", "defenv", "defenvs", "subst", "substdef", "substdefs", "include_file",
        "import_file",
    ]
    /// The first line of a file may say which dialect it is.
    static let dialects: [String: Dialect] = [
        "SER": .ser, "OPENSER": .modern, "KAMAILIO": .modern, "OPENSIPS": .modern, "ALL": .modern, "MAXCOMPAT": .modern,
    ]

    /// Reads an included file; `nil` where there is none. The path is as written.
    typealias Reader = (String) -> [UInt8]?

    private(set) var sources: SourceMap
    private(set) var diagnostics = Diagnostics()
    private(set) var tokens: [Token] = []
    private(set) var dialect: Dialect?
    private var definitions: [String: [Token]] = [:]
    /// Carried out on every string that follows (`#!subst`, `#!substdef`).
    private var substitutions: [Substitution] = []
    private let read: Reader
    private let environment: (String) -> String?

    /// A file that includes itself ends here.
    static let deepestInclude = 10
    /// A definition that doubles itself ends here.
    static let mostTokens = 1_000_000

    init(
        defining names: [String] = [], environment: @escaping (String) -> String? = Self.ownEnvironment,
        read: @escaping Reader
    ) {
        self.sources = SourceMap()
        self.read = read
        self.environment = environment
        for name in names {
            // `-A NAME` or `-A NAME=text`.
            let parts = name.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let text = parts.count == 2 ? String(parts[1]) : ""
            self.definitions[String(parts[0])] = Self.tokens(of: Array(text.utf8))
        }
    }

    static func ownEnvironment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    mutating func run(_ source: SourceText) {
        let last = self.include(source, depth: 0)
        self.tokens.append(last)
    }

    private mutating func include(_ source: SourceText, depth: Int) -> Token {
        let file = self.sources.add(source)
        var lexer = Lexer(source, file: file)
        // The conditions that are open: where, and whether their lines count.
        var conditions: [(range: SourceRange, isActive: Bool, wasActive: Bool)] = []
        while true {
            switch lexer.next(&self.diagnostics) {
            case .token(let token):
                if token.kind == .end {
                    if let open = conditions.last {
                        self.diagnostics.error(
                            .preprocessor, at: open.range, "the condition is not closed with `#!endif`")
                    }
                    return token
                }
                self.append(token, depth: 0)
            case .directive(let word, let rest, let range):
                let text = Self.trimmed(source.bytes[rest])
                switch word {
                case "ifdef", "ifndef":
                    let isDefined = self.definitions[String(decoding: text, as: UTF8.self)] != nil
                    let isActive = isDefined == (word == "ifdef")
                    conditions.append((range, isActive, isActive))
                    if !isActive { Self.skip(&lexer) }
                case "ifexp":
                    self.diagnostics.error(
                        .notAvailable, at: range, "`#!ifexp` is not available in this version; use `#!ifdef`")
                    conditions.append((range, true, true))
                case "else":
                    guard let open = conditions.popLast() else {
                        self.diagnostics.error(.preprocessor, at: range, "`#!else` without `#!ifdef`")
                        continue
                    }
                    conditions.append((open.range, !open.wasActive, true))
                    if open.wasActive { Self.skip(&lexer) }
                case "endif":
                    if conditions.popLast() == nil {
                        self.diagnostics.error(.preprocessor, at: range, "`#!endif` without `#!ifdef`")
                    }
                case "include_file", "import_file":
                    self.includeFile(text, word: word, at: range, depth: depth)
                default: self.define(word, source, file, rest, text, at: range)
                }
            }
        }
    }

    /// Passes over the lines that a condition leaves out, up to its `else` or `endif`.
    private static func skip(_ lexer: inout Lexer) {
        var depth = 0
        while lexer.at < lexer.end {
            lexer.skipLine()
            if lexer.at < lexer.end { lexer.at += 1 }
            let start = lexer.at
            guard lexer.byte() == UInt8(ascii: "#") || lexer.byte() == UInt8(ascii: "!"),
                lexer.byte(1) == UInt8(ascii: "!")
            else { continue }
            var place = start + 2
            while place < lexer.end, ASCII.isLetter(lexer.source.bytes[place]) { place += 1 }
            switch String(decoding: lexer.source.bytes[start + 2..<place], as: UTF8.self) {
            case "ifdef", "ifndef", "ifexp": depth += 1
            case "endif":
                if depth == 0 { return }
                depth -= 1
            case "else": if depth == 0 { return }
            default: break
            }
        }
    }

    private mutating func includeFile(_ text: ArraySlice<UInt8>, word: String, at range: SourceRange, depth: Int) {
        var name = text
        if name.count >= 2, name.first == ASCII.quote, name.last == ASCII.quote { name = name.dropFirst().dropLast() }
        let path = String(decoding: name, as: UTF8.self)
        guard depth < Self.deepestInclude else {
            self.diagnostics.error(
                .include, at: range, "files include one another more than \(Self.deepestInclude) deep")
            return
        }
        guard let bytes = self.read(path) else {
            if word == "include_file" { self.diagnostics.error(.include, at: range, "cannot read `\(path)`") }
            return
        }
        _ = self.include(SourceText(name: path, bytes: bytes), depth: depth + 1)
    }

    private mutating func define(
        _ word: String, _ source: SourceText, _ file: Int, _ rest: Range<Int>, _ text: ArraySlice<UInt8>,
        at range: SourceRange
    ) {
        if let dialect = Self.dialects[word] {
            if file == 0, self.dialect == nil { self.dialect = dialect }
            return
        }
        let name = text.prefix { ASCII.isAlphanumeric($0) || $0 == UInt8(ascii: "_") }
        let id = String(decoding: name, as: UTF8.self)
        switch word {
        case "define", "def", "trydef", "trydefine", "redefine", "redef":
            guard !id.isEmpty else {
                self.diagnostics.error(.preprocessor, at: range, "`#!\(word)` needs a name")
                return
            }
            if word.hasPrefix("try"), self.definitions[id] != nil { return }
            var lexer = Lexer(source, file: file, in: name.endIndex..<rest.upperBound)
            var tokens: [Token] = []
            while case .token(let token) = lexer.next(&self.diagnostics), token.kind != .end { tokens.append(token) }
            self.definitions[id] = tokens
        case "undef", "undefine": self.definitions[id] = nil
        case "defenv", "defenvs": self.defineEnvironment(word, text, at: range)
        case "subst", "substdef", "substdefs": self.substitute(word, text, at: range)
        default:
            self.diagnostics.error(.notAvailable, at: range, "`#!\(word)` is not available in this version")
        }
    }

    /// The tokens of a text that stands in no file. Where they are used they get the place of the use.
    private static func tokens(of text: [UInt8]) -> [Token] {
        var lexer = Lexer(SourceText(name: "", bytes: text), file: 0)
        var ignored = Diagnostics()
        var tokens: [Token] = []
        while case .token(let token) = lexer.next(&ignored), token.kind != .end { tokens.append(token) }
        return tokens
    }

    /// `#!defenv NAME`, `#!defenv NAME=ENVIRONMENT`: a name of the environment; with `defenvs` its value is a string.
    private mutating func defineEnvironment(_ word: String, _ text: ArraySlice<UInt8>, at range: SourceRange) {
        let parts = String(decoding: text, as: UTF8.self).split(separator: "=", maxSplits: 1).map(String.init)
        guard let id = parts.first else {
            self.diagnostics.error(.preprocessor, at: range, "`#!\(word)` needs a name")
            return
        }
        let variable = parts.count == 2 ? parts[1] : id
        guard let value = self.environment(variable) else {
            self.diagnostics.error(.preprocessor, at: range, "the environment has no `\(variable)`")
            return
        }
        let bytes = Array(value.utf8)
        self.definitions[id] = word == "defenvs" ? [Token(kind: .string(bytes), range: range)] : Self.tokens(of: bytes)
    }

    /// `#!subst "/expression/text/"` changes the strings that follow; `#!substdef "!NAME!text!"` defines the name besides,
    /// `substdefs` as a string.
    private mutating func substitute(_ word: String, _ text: ArraySlice<UInt8>, at range: SourceRange) {
        var inner = text
        if inner.count >= 2, inner.first == ASCII.quote, inner.last == ASCII.quote {
            inner = inner.dropFirst().dropLast()
        }
        let rule: Substitution
        do throws(PatternError) {
            rule = try Substitution(Array(inner))
        } catch {
            self.diagnostics.error(.preprocessor, at: range, "`#!\(word)`: the rule \(error.message)")
            return
        }
        guard self.substitutions.count < Self.mostSubstitutions else {
            self.diagnostics.error(.preprocessor, at: range, "more than \(Self.mostSubstitutions) substitutions")
            return
        }
        self.substitutions.append(rule)
        guard word != "subst" else { return }
        let value = rule.replacement.flatMap { part -> [UInt8] in
            if case .text(let text) = part { return text }
            return []
        }
        let id = String(decoding: rule.pattern.source, as: UTF8.self)
        self.definitions[id] =
            word == "substdefs" ? [Token(kind: .string(value), range: range)] : Self.tokens(of: value)
    }

    private static let mostSubstitutions = 100

    private mutating func append(_ token: Token, depth: Int) {
        guard self.tokens.count < Self.mostTokens else { return }
        if case .string(let text) = token.kind, !self.substitutions.isEmpty {
            // Rules that double a text one after the other come to an end.
            let changed = self.substitutions.reduce(text) { $0.count > 65_536 ? $0 : $1.apply(to: $0.span) ?? $0 }
            self.tokens.append(Token(kind: .string(changed), range: token.range))
            return
        }
        guard case .identifier(let word) = token.kind, let replacement = self.definitions[word], depth < 10 else {
            self.tokens.append(token)
            return
        }
        // The tokens take the place of the name, so that a message points to the use.
        for other in replacement { self.append(Token(kind: other.kind, range: token.range), depth: depth + 1) }
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes
        while let last = bytes.last, ASCII.isBlank(last) || last == ASCII.cr { bytes = bytes.dropLast() }
        return bytes
    }
}

/// Which of two readings of "0" and of some defaults a script means (LANGUAGE.md §15).
enum Dialect: String, Sendable {
    /// SER 0.9: 0 ends the block.
    case ser
    /// OpenSER and Kamailio: 0 ends the script.
    case modern
}
