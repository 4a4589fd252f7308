import SIPKit

/// Calls: the name, where it may stand, its arguments (LANGUAGE.md §9, §10).
extension Checker {
    /// The commands that SER takes without parentheses.
    private static let bareCommands: Set<String> = [
        "revert_uri", "force_rport", "add_rport", "force_tcp_alias", "add_tcp_alias", "append_branch",
    ]

    mutating func check(_ call: SyntaxCall) {
        guard var function = self.function(of: call) else { return }
        let routes = self.script.dialect == .modern ? function.modernRoutes : function.routes
        if !routes.contains(self.kind) {
            let allowed = routes.members.map(\.keyword).joined(separator: ", ")
            self.diagnostics.error(
                .notInThisBlock, at: call.name.range,
                "`\(call.name.text)` cannot be used in \(self.kind.keyword); it can in \(allowed)")
        }
        if !call.hasParentheses, !Self.bareCommands.contains(call.name.text) {
            self.diagnostics.error(
                .missingParentheses, at: call.range.after, "`(` expected behind `\(call.name.text)`",
                fix: .insert("()", at: call.name.range.after))
            return
        }
        if !self.isAvailable(function) {
            self.diagnostics.error(
                .functionNotAvailable, at: call.name.range, "`\(function.name)` is not available in this version")
        }
        if function.name == "error" || function.name == "exec" {
            self.diagnostics.warning(
                .misprint, at: call.name.range, "`\(function.name)` does nothing; it is here for old scripts")
        }
        if function.name == "rewritehost", let argument = call.arguments.first, Self.hasPort(argument.text) {
            self.diagnostics.warning(
                .misprint, at: call.name.range,
                "`\(call.name.text)` with a port is read as `rewritehostport`; as printed a port that is there would stay behind it",
                fix: .replace(call.name.range, "rewritehostport"))
            function = .rewriteHostPort
        }
        guard let arguments = self.arguments(of: call, function) else { return }
        self.checked.calls[call.id] = ResolvedCall(function: function, arguments: arguments)
    }

    private static func hasPort(_ text: String) -> Bool {
        guard let colon = text.lastIndex(of: ":"), !text[..<colon].contains(":") || text[..<colon].hasSuffix("]") else {
            return false
        }
        let port = text[text.index(after: colon)...]
        return !port.isEmpty && port.allSatisfy(\.isNumber)
    }

    // MARK: Names

    private mutating func function(of call: SyntaxCall) -> ScriptFunction? {
        var name = call.name.text
        if let misprint = Misprint.find(.function, name) {
            self.diagnostics.warning(
                .misprint, at: call.name.range, "`\(name)` is read as `\(misprint.meant)`: \(misprint.why)",
                fix: .replace(call.name.range, misprint.meant))
            name = misprint.meant
        }
        if let function = ModuleTable.core.function(named: name) { return function }
        for module in self.loaded { if let function = module.function(named: name) { return function } }
        let modules = ModuleTable.modules(exporting: name)
        guard let module = modules.first else {
            let nearest = NearestName.of(name, among: ModuleTable.functionNames)
            let exporter = nearest.flatMap { ModuleTable.modules(exporting: $0).first }
            self.diagnostics.error(
                .unknownFunction, at: call.name.range, "unknown command `\(name)`",
                help: nearest.map { near in
                    "did you mean `\(near)`" + (exporter.map { " of module `\($0.name)`" } ?? "") + "?"
                })
            return nil
        }
        let below = self.script.items.contains { item in
            if case .loadModule(let path, _) = item {
                return ModuleTable.module(named: ModuleTable.name(ofPath: path.text))?.name == module.name
            }
            return false
        }
        let names = modules.map { "`\($0.name)`" }.joined(separator: " or ")
        self.diagnostics.error(
            .moduleNotLoaded, at: call.name.range, "`\(name)` is in module \(names), which is not loaded above",
            help: below
                ? "it is loaded below; `loadmodule` must come first" : "write `loadmodule \"\(module.name).so\"` above")
        return nil
    }

    // MARK: Arguments

    private mutating func arguments(of call: SyntaxCall, _ function: ScriptFunction) -> PreparedArguments? {
        let counts = function.argumentCounts
        guard counts.contains(call.arguments.count) else {
            let wanted =
                counts.count == 1
                ? (counts.lowerBound == 0
                    ? "no arguments" : "\(counts.lowerBound) argument\(counts.lowerBound == 1 ? "" : "s")")
                : "\(counts.lowerBound) to \(counts.upperBound) arguments"
            self.diagnostics.error(
                .argumentCount, at: call.range, "`\(function.name)` takes \(wanted), here are \(call.arguments.count)",
                help: function.parameters.isEmpty ? nil : "\(function.usage): \(function.sentence)")
            return nil
        }
        // `log("text")`: an optional parameter in front is the one that was left out.
        var skipped = 0
        if function.parameters.first?.isOptional == true, function.parameters.contains(where: { !$0.isOptional }) {
            skipped = max(0, function.parameters.count - call.arguments.count)
        }
        var values = [PreparedArgument](repeating: .missing, count: skipped)
        var isGood = true
        for (index, argument) in call.arguments.enumerated() {
            let parameter = function.parameters[skipped + index]
            if let value = self.prepare(argument, as: parameter, at: skipped + index, of: function) {
                values.append(value)
            } else {
                isGood = false
            }
        }
        return isGood ? PreparedArguments(values: values) : nil
    }

    private mutating func prepare(
        _ argument: SyntaxArgument, as parameter: Parameter, at index: Int, of function: ScriptFunction
    ) -> PreparedArgument? {
        var argument = argument
        if let misprint = Misprint.find(.argument(of: function.name, index), argument.text) {
            self.diagnostics.warning(
                .misprint, at: argument.range, "\"\(argument.text)\" is read as \"\(misprint.meant)\": \(misprint.why)",
                fix: .replace(argument.range, "\"\(misprint.meant)\""))
            argument.value = .string(Array(misprint.meant.utf8))
        }
        switch self.filled(argument, parameter) {
        case .plain: break
        case .changed(let plain): argument.value = .string(plain)
        case .ready(let value): return value
        case .wrong: return nil
        }
        func bad(_ expected: String) -> PreparedArgument? {
            self.diagnostics.error(
                .badArgument, at: argument.range,
                "'\(parameter.name)' of \(function.name) is \(expected), here it is \(Self.quoted(argument))")
            return nil
        }
        switch parameter.kind {
        case .integer(let range), .status(let range):
            guard let number = argument.anyNumber, range.contains(number) else { return bad(Self.words(number: range)) }
            return .integer(number)
        case .flag:
            guard let number = argument.anyNumber, (0...31).contains(number) else { return bad("a flag from 0 to 31") }
            return .integer(number)
        case .port:
            if argument.text == "uri:port" { return .text(argument.bytes) }
            guard let number = argument.anyNumber, (1...65535).contains(number) else {
                return bad("a port from 1 to 65535")
            }
            return .integer(number)
        case .word(let words):
            guard words.contains(where: { $0.lowercased() == argument.text.lowercased() }) else {
                return bad("one of \(words.joined(separator: ", "))")
            }
            return .text(argument.bytes)
        case .letters(let letters):
            guard argument.text.allSatisfy(letters.contains) else { return bad("letters of \(letters)") }
            return .text(argument.bytes)
        case .pattern(let lines):
            let options: PatternMatcher.Options = lines ? [.ignoringCase, .lines] : .ignoringCase
            self.checkPattern(argument.bytes, argument.range, options)
            return (try? PatternMatcher(extended: argument.bytes, options)).map(PreparedArgument.pattern)
        case .substitution:
            do throws(PatternError) {
                return .substitution(try Substitution(argument.bytes))
            } catch {
                self.report(error, argument.bytes, argument.range)
                return nil
            }
        case .block(let kind): return self.prepare(block: argument, kind, of: function)
        case .attribute:
            // Nothing is all that the database has of a user.
            let meansAll = argument.text.isEmpty && ["avp_db_load", "avp_db_delete"].contains(function.name)
            guard meansAll || Self.isAttribute(argument.text) else {
                return bad("an attribute: `s:name`, `i:number`, `$alias` or a name")
            }
            return .text(argument.bytes)
        case .uri:
            guard argument.text.contains(":") || argument.text.contains("$") else {
                return bad("a URI with its scheme, as in \"sip:user@host\"")
            }
            return .text(argument.bytes)
        case .q:
            guard Self.isRank(argument.text) else { return bad("a rank from 0 to 1, as 0.7") }
            return .text(argument.bytes)
        case .host, .hostPort:
            guard !argument.bytes.isEmpty else { return bad("a host") }
            return .text(argument.bytes)
        case .text, .literal, .format: return .text(argument.bytes)
        }
    }

    private mutating func prepare(
        block argument: SyntaxArgument, _ kind: BlockKind, of function: ScriptFunction
    ) -> PreparedArgument? {
        let name = argument.text
        if name == "0" || name.isEmpty { return .block(nil) }
        if let block = self.checked.block(kind, named: name) { return .block(block) }
        let names = self.checked.blocks.filter { $0.kind == kind && !$0.name.isEmpty }.map {
            "\(kind.keyword)[\($0.name)]"
        }
        self.diagnostics.error(
            .undefinedBlock, at: argument.range, "\(kind.keyword)[\(name)] is named but not defined",
            help: names.isEmpty ? nil : "defined: \(names.joined(separator: ", "))")
        return nil
    }

    private static func words(number range: ClosedRange<Int>) -> String {
        "a number from \(range.lowerBound) to \(range.upperBound)"
    }

    private static func isAttribute(_ text: String) -> Bool {
        var name = text[...]
        if name.hasSuffix("/g") { name = name.dropLast(2) }
        if name.hasPrefix("i:") {
            let digits = name.dropFirst(2)
            return !digits.isEmpty && digits.allSatisfy { $0.isASCII && $0.isNumber }
        }
        if name.hasPrefix("s:") { return name.count > 2 }
        if name.hasPrefix("$") { return name.count > 1 }
        return !name.isEmpty && !name.contains(":")
    }

    private static func isRank(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = parts.first, parts.count <= 2,
            whole == "0" || whole == "1" || (whole.isEmpty && parts.count == 2)
        else { return false }
        let fraction = parts.count == 2 ? parts[1] : ""
        guard fraction.count <= 3, fraction.allSatisfy({ $0.isASCII && $0.isNumber }) else { return false }
        return whole != "1" || fraction.allSatisfy { $0 == "0" }
    }
}

extension SyntaxArgument {
    /// A number with or without quotes; `max_len` is one.
    fileprivate var anyNumber: Int? {
        switch self.value {
        case .number(let number): return number
        case .word(let word): return word == "max_len" ? 65535 : self.number
        case .variable: return nil
        case .string(let bytes):
            var digits = bytes[...]
            let isNegative = digits.first == ASCII.minus
            if isNegative { digits = digits.dropFirst() }
            guard let number = ASCII.number(Array(digits).span, ByteRange(0, digits.count), limit: UInt64(UInt32.max))
            else {
                return nil
            }
            return isNegative ? -Int(number) : Int(number)
        }
    }
}

extension ScriptFunction {
    /// `append_branch([uri[, q]])`.
    var usage: String {
        var text = self.name + "("
        var open = 0
        for (index, parameter) in self.parameters.enumerated() {
            let comma = index > 0 ? ", " : ""
            if parameter.isOptional {
                text += "[" + comma + parameter.name
                if index == 0, self.parameters.count > 1, !self.parameters[1].isOptional {
                    text += ", ]" + self.parameters[1].name
                    return text + ")"
                }
                open += 1
            } else {
                text += comma + parameter.name
            }
        }
        return text + String(repeating: "]", count: open) + ")"
    }
}
