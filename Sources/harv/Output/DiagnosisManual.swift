/// The rules as a manual: one for `--explain`, all of them for `docs/diagnoses.md`, a line each for `--rules`.
enum DiagnosisManual {
    static func explain(_ rule: Diagnosis, width: Int = 80) -> String {
        var lines = ["\(rule.id) \(rule.name): \(rule.severity.name), \(rule.confidence.rawValue)", rule.title, ""]
        for (name, text) in [
            ("sees", rule.sees), ("if", rule.condition), ("why", rule.why), ("do", rule.remedy), ("from", rule.sources),
        ] {
            lines += ProblemReport.wrap(text, NumberText.left(name, 6), "      ", width)
        }
        if !rule.explains.isEmpty {
            lines.append("also  explains \(rule.explains.joined(separator: ", ")) in the same call")
        }
        for example in rule.examples {
            lines.append("")
            lines += ProblemReport.wrap((example.finds ? "speaks: " : "silent: ") + example.title, "  ", "    ", width)
            for change in example.scene.changes {
                lines += ProblemReport.wrap(Self.shown(change), "    ", "      ", width)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    static func list() -> String {
        DiagnosisTable.all.map { rule in
            "\(NumberText.left(rule.id, 5))\(NumberText.left(rule.name, 25))\(NumberText.left(rule.severity.name, 10))\(rule.title)\n"
        }.joined()
    }

    /// The page `docs/diagnoses.md`.
    static func page() -> String {
        var text = """
            # What harv diagnoses

            Printed by `harv --rules=markdown` from the rules themselves; a test compares the two. Each rule says what people notice,
            what exactly it looks for, why that is wrong, and what to change. The examples are short traces through a server that
            are healthy but for the changes named; they are the rule's tests.


            """
        for rule in DiagnosisTable.all {
            text +=
                "## \(rule.id) \(rule.name)\n\n*\(rule.severity.name), \(rule.confidence.rawValue)*: \(rule.title)\n\n"
            text +=
                "- **Sees**: \(rule.sees)\n- **If**: \(rule.condition)\n- **Why**: \(rule.why)\n- **Do**: \(rule.remedy)\n- **From**: \(rule.sources)\n"
            if !rule.explains.isEmpty { text += "- **Explains**: \(rule.explains.joined(separator: ", "))\n" }
            text += "\n"
            for example in rule.examples {
                text += "\(example.finds ? "Speaks" : "Is silent"): \(example.title)"
                let changes = example.scene.changes.map(Self.shown)
                text += changes.isEmpty ? ".\n\n" : " (\(changes.joined(separator: "; "))).\n\n"
            }
        }
        return text
    }

    /// A change with its line ends in words, so that it stays on its line.
    private static func shown(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { $0 += $1 == "\r" ? "\\r" : $1 == "\n" ? "\\n" : String($1) }
    }
}
