import SIPKit

/// From the text of a script to a checked one: lexer, preprocessor, parser, checker.
struct ScriptLoader {
    /// Names that are defined before the first line (`-A NAME`).
    var definitions: [String] = []
    /// Every warning is an error.
    var isStrict = false
    /// Reads an included file.
    var read: Preprocessor.Reader = { _ in nil }
    /// Whether a function can be called; `check` accepts all that are declared.
    var isAvailable: (ScriptFunction) -> Bool = { _ in true }

    /// The functions that are instructions of the program.
    static let instructions: Set<String> = ["setflag", "resetflag", "isflagset"]

    func load(_ source: SourceText) -> LoadedScript {
        var preprocessor = Preprocessor(defining: self.definitions, read: self.read)
        preprocessor.run(source)
        let (syntax, diagnostics) = Parser.parse(preprocessor)
        var checker = Checker(
            syntax, sources: preprocessor.sources, diagnostics: diagnostics, isAvailable: self.isAvailable)
        checker.check()
        var all = checker.diagnostics.sorted
        if self.isStrict {
            all = all.map {
                Diagnostic(.error, $0.code, at: $0.range, $0.message, help: $0.help, fix: $0.fix)
            }
        }
        return LoadedScript(
            sources: preprocessor.sources, syntax: syntax, diagnostics: all,
            checked: checker.checked)
    }
}

/// A script and what was found out about it.
struct LoadedScript: Sendable {
    let sources: SourceMap
    let syntax: SyntaxScript
    let diagnostics: [Diagnostic]
    let checked: CheckedScript

    var hasErrors: Bool { self.diagnostics.contains { $0.severity == .error } }
}
