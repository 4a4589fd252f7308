/// A function that scripts call: its manual, its rules and its examples.
///
/// The grammar knows no function; a call is a name and arguments. A function belongs to one or several `ScriptModule`s,
/// which a script loads.
struct ScriptFunction: Sendable {
    /// As scripts write it.
    let name: String
    /// Other spellings, of other dialects or years.
    let aliases: [String]
    /// What it does, one sentence, for the manual.
    let sentence: String
    let parameters: [Parameter]
    /// Where a SER script may call it.
    let routes: BlockKinds
    /// Where a modern script may call it.
    let modernRoutes: BlockKinds
    /// From `FunctionExamples`: paragraphs of the manual, and tests.
    var examples: [Example] { FunctionExamples.of(self.name) }

    init(
        _ name: String, aliases: [String] = [], _ sentence: String, parameters: [Parameter], routes: BlockKinds,
        modern: BlockKinds? = nil
    ) {
        self.name = name
        self.aliases = aliases
        self.sentence = sentence
        self.parameters = parameters
        self.routes = routes
        self.modernRoutes = modern.map { $0.union(routes) } ?? routes
    }

    /// How few and how many arguments a call may have.
    var argumentCounts: ClosedRange<Int> {
        self.parameters.count { !$0.isOptional }...self.parameters.count
    }
}
