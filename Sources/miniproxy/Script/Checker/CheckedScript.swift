/// A script whose names are known and whose arguments are ready: what the compiler turns into a program, and what the
/// server reads its settings from.
struct CheckedScript: Sendable {
    var dialect: Dialect
    /// By `BlockID`.
    var blocks: [SyntaxBlock] = []
    /// By `SyntaxCall.id`.
    var calls: [Int: ResolvedCall] = [:]
    /// The modules that were loaded, by our names, in order.
    var modules: [String] = []
    var moduleSettings: [ModuleSetting] = []
    var globals: [GlobalSetting] = []

    func block(_ kind: BlockKind, named name: String = "") -> BlockID? {
        self.blocks.firstIndex { $0.kind == kind && $0.name == name }.map { BlockID(index: Int32($0)) }
    }

    /// The last value that a script gives to a module's parameter.
    func setting(_ module: String, _ name: String) -> SettingValue? {
        self.moduleSettings.last { $0.module == module && $0.name == name }?.value
    }

    /// All values of a global parameter, in order; `listen` may stand several times.
    func global(_ name: String) -> [SettingValue] {
        self.globals.filter { $0.name == name }.flatMap(\.values)
    }
}

struct ResolvedCall: Sendable {
    var function: ScriptFunction
    var arguments: PreparedArguments
}

/// `modparam`, one for each module that it matched.
struct ModuleSetting: Sendable, Equatable {
    var module: String
    var name: String
    var value: SettingValue
}

struct GlobalSetting: Sendable, Equatable {
    var name: String
    var values: [SettingValue]
}

enum SettingValue: Sendable, Equatable {
    case integer(Int)
    case text(String)

    var integer: Int? { if case .integer(let number) = self { number } else { nil } }
    var text: String {
        switch self {
        case .integer(let number): String(number)
        case .text(let text): text
        }
    }
}
