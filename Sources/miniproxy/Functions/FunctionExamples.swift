/// Uses of functions, by name: what the manual prints and the tests run.
enum FunctionExamples {
    static func of(_ function: String) -> [Example] { Self.table[function] ?? [] }

    static let table: [String: [Example]] = {
        var table = Self.core
        for part in [
            Self.headers, Self.text, Self.nat, Self.attributes, Self.routing, Self.media, Self.stored,
            Self.cpl, Self.lcr, Self.dispatcher, Self.uac,
        ] {
            table.merge(part) { first, second in first + second }
        }
        return table
    }()
}
