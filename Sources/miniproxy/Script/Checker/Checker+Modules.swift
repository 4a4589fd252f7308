import SIPKit

/// Settings, modules and their parameters (LANGUAGE.md §3, §4).
extension Checker {
    mutating func check(_ global: SyntaxGlobal) {
        var name = global.name.text
        if let misprint = Misprint.find(.global, name) {
            self.diagnostics.warning(
                .misprint, at: global.name.range, "`\(name)` is read as `\(misprint.meant)`: \(misprint.why)",
                fix: .replace(global.name.range, misprint.meant))
            name = misprint.meant
        }
        // `group.name` is a setting of the script's own.
        if name.contains("."), GlobalParameter.named(name) == nil { return }
        guard let parameter = GlobalParameter.named(name) else {
            let nearest = NearestName.of(name, among: GlobalParameter.names)
            self.diagnostics.error(
                .unknownGlobal, at: global.name.range, "unknown global parameter `\(name)`",
                help: nearest.map { "did you mean `\($0)`?" })
            return
        }
        let values = global.values.compactMap { self.value($0, of: parameter) }
        if values.count == global.values.count {
            self.checked.globals.append(GlobalSetting(name: parameter.name, values: values))
        }
    }

    private mutating func value(_ argument: SyntaxArgument, of parameter: GlobalParameter) -> SettingValue? {
        switch parameter.kind {
        case .integer(let range):
            guard let number = argument.number else {
                self.diagnostics.error(
                    .badValue, at: argument.range,
                    "`\(parameter.name)` is \(Self.words(range)), here it is \(Self.quoted(argument))")
                return nil
            }
            guard range.contains(number) else {
                self.diagnostics.error(
                    .badValue, at: argument.range, "`\(parameter.name)` is \(Self.words(range)), here it is \(number)")
                return nil
            }
            return .integer(number)
        case .text:
            guard case .string = argument.value else {
                self.diagnostics.error(
                    .badValue, at: argument.range,
                    "`\(parameter.name)` is a text in quotes, here it is \(Self.quoted(argument))")
                return nil
            }
            return .text(argument.text)
        case .words, .either:
            if parameter.name == "listen" || parameter.name == "alias" { self.checkSocket(argument) }
            if case .number(let number) = argument.value { return .integer(number) }
            return .text(argument.text)
        }
    }

    /// `[proto:]host[:port]`; only the port can be wrong.
    private mutating func checkSocket(_ argument: SyntaxArgument) {
        let text = argument.text
        guard !text.hasSuffix("]"), let colon = text.lastIndex(of: ":") else { return }
        let port = text[text.index(after: colon)...]
        // Several colons without brackets are an IPv6 address.
        if text[..<colon].contains(":"), !text[..<colon].hasSuffix("]"),
            !["udp", "tcp", "tls", "sctp"].contains(String(text.prefix { $0 != ":" }))
        {
            return
        }
        if port.allSatisfy(\.isNumber), !port.isEmpty, !(1...65535).contains(Int(port.prefix(6)) ?? 0) {
            self.diagnostics.error(
                .badValue, at: argument.range, "a port is a number from 1 to 65535, here it is \(port)")
        }
    }

    // MARK: Modules

    mutating func load(_ path: SyntaxText) {
        var name = ModuleTable.name(ofPath: path.text)
        if let misprint = Misprint.find(.module, name) {
            let meant = path.text.replacingLast(name, by: misprint.meant)
            self.diagnostics.warning(
                .misprint, at: path.range, "module `\(name)` is read as `\(misprint.meant)`: \(misprint.why)",
                fix: .replace(path.range, "\"\(meant)\""))
            name = misprint.meant
        }
        if let module = ModuleTable.module(named: name) {
            self.loaded.append(module)
            if !self.checked.modules.contains(module.name) { self.checked.modules.append(module.name) }
            return
        }
        if ModuleTable.known.contains(name) {
            self.loadedUnavailable.insert(name)
            self.diagnostics.warning(
                .moduleNotAvailable, at: path.range,
                "module `\(name)` does nothing in this version; its functions cannot be called")
            return
        }
        let names = ModuleTable.all.map(\.name)
        let nearest = NearestName.of(name, among: names + ModuleTable.known)
        self.diagnostics.error(
            .unknownModule, at: path.range, "unknown module `\(name)`",
            help: nearest.map { "did you mean `\($0)`?" } ?? "there are \(names.sorted().joined(separator: ", "))")
    }

    mutating func check(_ parameter: SyntaxModuleParameter) {
        guard let modules = self.modules(matching: parameter) else { return }
        for module in modules {
            guard let declared = module.parameter(named: parameter.name.text) else {
                let nearest = NearestName.of(parameter.name.text, among: module.parameters.map(\.name))
                self.diagnostics.error(
                    .unknownModuleParameter, at: parameter.name.range,
                    "parameter `\(parameter.name.text)` not found in module `\(module.name)`",
                    help: nearest.map { "did you mean `\($0)`?" })
                continue
            }
            guard let value = self.value(parameter.value, of: declared, in: module) else { continue }
            self.checked.moduleSettings.append(
                ModuleSetting(module: module.name, name: declared.name, value: value))
        }
    }

    /// The loaded modules that the expression names; `nil` where that is an error or there is nothing to set.
    private mutating func modules(matching parameter: SyntaxModuleParameter) -> [ScriptModule]? {
        let text = parameter.module.bytes
        let pattern: PatternMatcher
        do throws(PatternError) {
            pattern = try PatternMatcher(extended: Array("^(".utf8) + text + Array(")$".utf8), .ignoringCase)
        } catch {
            self.report(error, text, parameter.module.range)
            return nil
        }
        func matches(_ name: String) -> Bool { pattern.matches(Array(name.utf8).span) }
        let modules = self.loaded.filter { module in matches(module.name) || module.aliases.contains(where: matches) }
        if !modules.isEmpty { return modules }
        if self.loadedUnavailable.contains(where: matches) { return nil }
        let known = ModuleTable.all.first { matches($0.name) || $0.aliases.contains(where: matches) }
        let below =
            known.map { known in
                self.script.items.contains { item in
                    if case .loadModule(let path, _) = item {
                        return ModuleTable.module(named: ModuleTable.name(ofPath: path.text))?.name == known.name
                    }
                    return false
                }
            } ?? false
        let nearest = known == nil ? NearestName.of(parameter.module.text, among: self.loaded.map(\.name)) : nil
        self.diagnostics.error(
            .moduleNotLoaded, at: parameter.module.range,
            "no module matching `\(parameter.module.text)` is loaded above",
            help: below
                ? "it is loaded below; `modparam` must follow"
                : known.map { "write `loadmodule \"\($0.name).so\"` above" }
                    ?? nearest.map { "did you mean `\($0)`?" })
        return nil
    }

    private mutating func value(
        _ argument: SyntaxArgument, of parameter: ModuleParameter, in module: ScriptModule
    ) -> SettingValue? {
        let subject = "`\(parameter.name)` of module `\(module.name)`"
        func integer(_ range: ClosedRange<Int>) -> SettingValue? {
            if case .string = argument.value {
            } else if let number = argument.number {
                if range.contains(number) { return .integer(number) }
            }
            self.diagnostics.error(
                .badValue, at: argument.range,
                "\(subject) is \(Self.words(range)), here it is \(Self.quoted(argument))",
                help: argument.isQuotedNumber ? "numbers stand without quotes" : nil,
                fix: argument.isQuotedNumber ? .replace(argument.range, argument.text) : nil)
            return nil
        }
        switch parameter.kind {
        case .integer(let range): return integer(range)
        case .flag: return integer(-1...31)
        case .either:
            if case .number(let number) = argument.value { return .integer(number) }
            return .text(argument.text)
        case .text:
            guard case .string = argument.value else {
                self.diagnostics.error(
                    .badValue, at: argument.range,
                    "\(subject) is a text in quotes, here it is \(Self.quoted(argument))",
                    fix: .replace(argument.range, "\"\(argument.text)\""))
                return nil
            }
            return .text(argument.text)
        }
    }

    // MARK: Words

    static func words(_ range: ClosedRange<Int>) -> String {
        range == 0...1 ? "yes or no (1 or 0)" : "a number from \(range.lowerBound) to \(range.upperBound)"
    }

    static func quoted(_ argument: SyntaxArgument) -> String {
        if case .string = argument.value { return "\"\(Printable.text(argument.bytes))\"" }
        return "`\(Printable.text(argument.bytes))`"
    }
}

extension SyntaxArgument {
    /// The number of a number or of one of the words for yes and no.
    var number: Int? {
        switch self.value {
        case .number(let number): number
        case .word(let word): Self.booleans[word]
        case .string, .variable: nil
        }
    }

    private static let booleans: [String: Int] = [
        "yes": 1, "true": 1, "on": 1, "enable": 1, "no": 0, "false": 0, "off": 0, "disable": 0,
    ]

    var isQuotedNumber: Bool {
        guard case .string(let bytes) = self.value else { return false }
        return !bytes.isEmpty && bytes.allSatisfy(ASCII.isDigit)
    }
}

extension String {
    /// The last occurrence of a name in a path, exchanged.
    func replacingLast(_ old: String, by new: String) -> String {
        var start = self.endIndex
        while start > self.startIndex {
            start = self.index(before: start)
            if self[start...].hasPrefix(old) {
                return self[..<start] + new + self[self.index(start, offsetBy: old.count)...]
            }
        }
        return self
    }
}
