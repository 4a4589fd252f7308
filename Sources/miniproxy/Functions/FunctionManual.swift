/// The manual of script functions, made from their declarations and examples: `docs/script-functions.md`.
enum FunctionManual {
    static var text: String {
        var text = """
            # Functions of scripts

            Made by `miniproxy functions` from the declarations; a test compares this file with them. R, F, O, B: the function \
            may stand in `route`, `failure_route`, `onreply_route`, `branch_route`; in parentheses what modern scripts may add. \
            A function without examples is known to `miniproxy check` and not available in this version.

            """
        for module in [ModuleTable.core] + ModuleTable.all where !module.functions.isEmpty {
            text += "\n## \(module.name)\n\n\(module.sentence)\n"
            for function in module.functions { text += self.entry(function) }
            if !module.parameters.isEmpty { text += self.table(module.parameters) }
        }
        return text
    }

    static func entry(_ function: ScriptFunction) -> String {
        var text = "\n### \(function.usage)\n\n\(function.sentence)\n\n"
        if !function.aliases.isEmpty {
            text += "Also: \(function.aliases.map { "`\($0)`" }.joined(separator: ", ")).\n"
        }
        text += "Blocks: \(self.blocks(function)).\n"
        if !self.isAvailable(function) { text += "Not available in this version.\n" }
        if !function.parameters.isEmpty { text += "\n" }
        for parameter in function.parameters {
            text += "- `\(parameter.name)`\(parameter.isOptional ? " (optional)" : ""): \(parameter.sentence)\n"
        }
        if !function.examples.isEmpty { text += "\n" }
        for example in function.examples {
            text += "- `\(example.call)` \(example.sentence)"
            if let uri = example.requestURI { text += ": \(example.message.uri) → `\(uri)`" }
            for (name, value) in example.leaves { text += value.map { "; `\(name): \($0)`" } ?? "; no \(name)" }
            text += "\n"
        }
        return text
    }

    private static func isAvailable(_ function: ScriptFunction) -> Bool {
        ScriptLoader.instructions.contains(function.name) || FunctionBodies.named(function.name) != nil
    }

    private static func blocks(_ function: ScriptFunction) -> String {
        func letters(_ kinds: BlockKinds) -> String {
            let all: [(BlockKinds, String)] = [(.request, "R"), (.failure, "F"), (.onReply, "O"), (.branch, "B")]
            return all.filter { kinds.contains($0.0) }.map(\.1).joined(separator: " ")
        }
        let more = letters(function.modernRoutes.subtracting(function.routes))
        return letters(function.routes) + (more.isEmpty ? "" : " (\(more))")
    }

    private static func table(_ parameters: [ModuleParameter]) -> String {
        var text = "\n| parameter | default | |\n|---|---|---|\n"
        for parameter in parameters {
            text += "| `\(parameter.name)` | `\(parameter.standard)` | \(parameter.sentence) |\n"
        }
        return text
    }
}
