/// From a script's text to what the engine runs, with everything that was found on the way.
struct ScriptProgram {
    /// `nil` for a script with errors.
    let program: Program<RouteContext>?
    /// Warnings and errors with their lines; empty for a good script.
    let report: String

    static func load(
        _ source: SourceText, defining names: [String] = [], read: @escaping Preprocessor.Reader = { _ in nil }
    ) -> ScriptProgram {
        let loader = ScriptLoader(
            definitions: names, read: read,
            isAvailable: { ScriptLoader.instructions.contains($0.name) || RouteContext.body(of: $0) != nil })
        let script = loader.load(source)
        let printer = DiagnosticPrinter(sources: script.sources)
        return ScriptProgram(
            program: Program<RouteContext>(script), report: script.diagnostics.map(printer.text).joined())
    }
}
