/// Arguments with variables in them: `"Not $rU"`, `$var(code)` (LANGUAGE.md §14, FUNCTIONS.md §18).
extension Checker {
    enum FilledArgument {
        /// Nothing to fill in.
        case plain
        /// Nothing to fill in, but `%%` and `$$` stand for one sign.
        case changed([UInt8])
        /// Filled in for each message.
        case ready(PreparedArgument)
        /// Told.
        case wrong
    }

    mutating func filled(_ argument: SyntaxArgument, _ parameter: Parameter) -> FilledArgument {
        let isModern = self.script.dialect == .modern
        if case .literal = parameter.kind { return .plain }
        if case .attribute = parameter.kind { return .plain }
        let format: FormatText
        switch argument.value {
        case .variable(let name):
            guard let variable = self.variable(name, at: argument.range) else { return .wrong }
            format = FormatText(variable, source: Array(name.utf8))
        case .string(let text):
            var style = FormatText.Style.variables
            if case .format = parameter.kind {
                style = isModern ? .strictLog : .log
            } else if !isModern {
                return .plain
            }
            // The patterns of `search` and the like are full of `$`, and Kamailio fills nothing into them.
            switch parameter.kind {
            case .pattern, .substitution, .block: return .plain
            default: break
            }
            do throws(VariableError) {
                format = try FormatText(parsing: text, style)
            } catch {
                self.report(error, at: argument.range)
                return .wrong
            }
            if let plain = format.plain { return plain == text ? .plain : .changed(plain) }
        case .number, .word: return .plain
        }
        switch parameter.kind {
        case .integer(let range), .status(let range): return .ready(.filled(format, .number(range)))
        case .flag: return .ready(.filled(format, .number(0...31)))
        case .port: return .ready(.filled(format, .number(1...65535)))
        case .pattern(let lines):
            return .ready(.filled(format, .pattern(lines ? [.ignoringCase, .lines] : .ignoringCase)))
        case .block, .substitution:
            self.diagnostics.error(
                .badArgument, at: argument.range,
                "'\(parameter.name)' has to be known when the script is loaded; a variable cannot stand here")
            return .wrong
        default: return .ready(.filled(format, .text))
        }
    }
}
