/// A module as SER's `loadmodule` names it: the functions it gives to a script and the parameters it takes.
struct ScriptModule: Sendable {
    let name: String
    /// File names of other dialects and years that mean the same.
    let aliases: [String]
    let sentence: String
    let parameters: [ModuleParameter]
    let functions: [ScriptFunction]

    init(
        _ name: String, aliases: [String] = [], _ sentence: String, parameters: [ModuleParameter] = [],
        functions: [ScriptFunction] = []
    ) {
        self.name = name
        self.aliases = aliases
        self.sentence = sentence
        self.parameters = parameters
        self.functions = functions
    }

    func function(named name: String) -> ScriptFunction? {
        self.functions.first { $0.name == name || $0.aliases.contains(name) }
    }

    func parameter(named name: String) -> ModuleParameter? {
        self.parameters.first { $0.name == name || $0.aliases.contains(name) }
    }
}

/// What `modparam` may set.
struct ModuleParameter: Sendable {
    let name: String
    let aliases: [String]
    let kind: Kind
    /// As a script would write it; "" where there is none.
    let standard: String
    let sentence: String

    enum Kind: Sendable {
        case integer(ClosedRange<Int>)
        case text
        /// A number or a text, by version.
        case either
        /// A flag; -1 is none.
        case flag
    }

    init(_ name: String, aliases: [String] = [], _ kind: Kind, _ standard: String, _ sentence: String) {
        self.name = name
        self.aliases = aliases
        self.kind = kind
        self.standard = standard
        self.sentence = sentence
    }

    /// Whether no, or yes.
    static func yesNo(_ name: String, _ standard: Int, _ sentence: String) -> ModuleParameter {
        ModuleParameter(name, .integer(0...1), String(standard), sentence)
    }

    static func number(
        _ name: String, _ range: ClosedRange<Int>, _ standard: Int, _ sentence: String
    ) -> ModuleParameter {
        ModuleParameter(name, .integer(range), String(standard), sentence)
    }

    static func text(_ name: String, _ standard: String, _ sentence: String) -> ModuleParameter {
        ModuleParameter(name, .text, "\"\(standard)\"", sentence)
    }

    /// The database that several modules have a parameter for.
    static let dbURL = ModuleParameter(
        "db_url", .text, "\"mysql://ser:heslo@localhost/ser\"",
        "The database: `mysql://user:password@host/name`, `sqlite:///path`.")
}
