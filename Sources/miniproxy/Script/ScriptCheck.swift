/// What `miniproxy check` says about a script, as values.
struct ScriptCheck {
    let source: SourceText
    let script: LoadedScript
    let findings: [Diagnostic]
    private let isStrict: Bool

    init(
        _ source: SourceText, isStrict: Bool = false, lints: Bool = true, defining names: [String] = [],
        read: @escaping Preprocessor.Reader = { _ in nil }
    ) {
        self.source = source
        self.isStrict = isStrict
        let loader = ScriptLoader(definitions: names, isStrict: isStrict, read: read)
        self.script = loader.load(source)
        // A script with errors has no ways to follow.
        let lint = lints && !self.script.hasErrors ? LintWalk.findings(in: self.script) : []
        var all = Diagnostics()
        all.add(self.script.diagnostics + lint)
        self.findings = all.sorted
    }

    /// Whether the script can be loaded.
    var isGood: Bool { !self.findings.contains { $0.severity == .error } }

    /// The script with all fixes carried out.
    var repaired: String {
        String(decoding: ScriptRepair.repaired(self.source, self.findings), as: UTF8.self)
    }

    var text: String {
        let printer = DiagnosticPrinter(sources: self.script.sources)
        return self.findings.map(printer.text).joined() + self.summary + "\n"
    }

    /// `ser.cfg: 2 errors, 1 warning`.
    var summary: String {
        let errors = self.findings.count { $0.severity == .error }
        let warnings = self.findings.count - errors
        if self.findings.isEmpty {
            return "\(self.source.name): good (\(self.script.checked.dialect.rawValue) dialect)"
        }
        func count(_ number: Int, _ word: String) -> String { "\(number) \(word)\(number == 1 ? "" : "s")" }
        let parts = (errors > 0 ? [count(errors, "error")] : []) + (warnings > 0 ? [count(warnings, "warning")] : [])
        return "\(self.source.name): \(parts.joined(separator: ", "))" + (errors == 0 ? "; it can be loaded" : "")
    }

    var json: String {
        let printer = DiagnosticPrinter(sources: self.script.sources)
        return "{\"file\":\(JSONText.quote(self.source.name)),\"good\":\(self.isGood),"
            + "\"dialect\":\"\(self.script.checked.dialect.rawValue)\","
            + "\"findings\":[\(self.findings.map(printer.json).joined(separator: ","))]}"
    }
}
