/// Carries out the fixes of diagnostics: `miniproxy check --fix`.
enum ScriptRepair {
    /// The text of the named file with all fixes done. Where two fixes touch, the later one is left out; loading the
    /// result again finds it.
    static func repaired(_ source: SourceText, _ diagnostics: [Diagnostic]) -> [UInt8] {
        var edits = diagnostics.compactMap(\.fix).filter { $0.range.file == 0 }
        edits.sort { ($0.range.lower, $0.range.upper) < ($1.range.lower, $1.range.upper) }
        var output: [UInt8] = []
        var at = 0
        var last: Diagnostic.Fix?
        for edit in edits {
            guard edit.range.start >= at, edit != last, edit.range.end <= source.bytes.count else { continue }
            output += source.bytes[at..<edit.range.start]
            output += Array(edit.replacement.utf8)
            at = edit.range.end
            last = edit
        }
        return output + source.bytes[at...]
    }
}
