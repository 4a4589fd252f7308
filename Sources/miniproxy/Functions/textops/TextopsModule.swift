extension ScriptModule {
    static let textops = ScriptModule(
        "textops", "The text of messages: searching, replacing, headers.",
        functions: [
            .search, .searchAppend, .searchBody, .searchHeader, .replace, .replaceAll, .substitute, .substituteURI,
            .substituteUser, .appendToReply, .appendHeader, .insertHeader, .appendURIHeader, .removeHeader,
            .isHeaderPresent, .appendTime, .isMethod, .hasBody, .startsWith,
        ])
}

extension ScriptFunction {
    private static let everywhere: BlockKinds = [.request, .failure, .onReply, .branch]
    private static let expression = Parameter("expression", .pattern(lines: true), "A POSIX extended expression.")
    static let search = ScriptFunction(
        "search", "Whether the message as received matches an expression.", parameters: [expression],
        routes: everywhere)
    static let searchBody = ScriptFunction(
        "search_body", "Whether the body as received matches an expression.", parameters: [expression],
        routes: everywhere)
    static let searchHeader = ScriptFunction(
        "search_hf", "Whether a header matches an expression.",
        parameters: [
            Parameter("name", .text, "The header."), expression,
            Parameter("flags", .text, "`a` for all headers.", optional: true),
        ], routes: everywhere)
    static let searchAppend = ScriptFunction(
        "search_append", "Inserts a text behind the first match of an expression.",
        parameters: [expression, Parameter("text", .text, "The text.")], routes: everywhere)
    static let replace = ScriptFunction(
        "replace", "Replaces the first match of an expression in headers and body.",
        parameters: [expression, Parameter("text", .text, "The new text.")], routes: everywhere)
    static let replaceAll = ScriptFunction(
        "replace_all", "Replaces every match of an expression in headers and body.",
        parameters: [expression, Parameter("text", .text, "The new text.")], routes: everywhere)
    private static let substitution = Parameter(
        "substitution", .substitution, "`/expression/replacement/flags`; flags i (any case), g (all), s (over lines).")
    static let substitute = ScriptFunction(
        "subst", "Replaces matches of an expression, with groups.", parameters: [substitution], routes: everywhere)
    static let substituteURI = ScriptFunction(
        "subst_uri", "Replaces matches of an expression in the Request-URI.", parameters: [substitution],
        routes: everywhere)
    static let substituteUser = ScriptFunction(
        "subst_user", "Replaces matches of an expression in the user of the Request-URI.", parameters: [substitution],
        routes: everywhere)
    static let appendToReply = ScriptFunction(
        "append_to_reply", "Adds header text to the replies that are made here.",
        parameters: [Parameter("text", .text, "Header lines with their line ends.")], routes: .request,
        modern: [.failure, .branch, .error])
    static let appendHeader = ScriptFunction(
        "append_hf", "Adds header text behind the last header.",
        parameters: [
            Parameter("text", .text, "Header lines with their line ends."),
            Parameter("name", .text, "Behind this header.", optional: true),
        ], routes: everywhere)
    static let insertHeader = ScriptFunction(
        "insert_hf", "Adds header text before the first header.",
        parameters: [
            Parameter("text", .text, "Header lines with their line ends."),
            Parameter("name", .text, "Before this header.", optional: true),
        ], routes: everywhere)
    static let appendURIHeader = ScriptFunction(
        "append_urihf", "Adds a header with the Request-URI as it was received.",
        parameters: [
            Parameter("prefix", .text, "The header's name, colon and blank."),
            Parameter("suffix", .text, "What comes behind the URI, and the line end."),
        ], routes: [.request, .failure, .branch])
    static let removeHeader = ScriptFunction(
        "remove_hf", "Removes all lines of a header.", parameters: [Parameter("name", .text, "The header.")],
        routes: everywhere)
    static let isHeaderPresent = ScriptFunction(
        "is_present_hf", "Whether the message has a header.", parameters: [Parameter("name", .text, "The header.")],
        routes: everywhere)
    static let appendTime = ScriptFunction(
        "append_time", "Adds a Date to the replies that are made here.", parameters: [], routes: .request,
        modern: [.failure, .branch])
    static let isMethod = ScriptFunction(
        "is_method", "Whether the method is one of these.",
        parameters: [Parameter("methods", .text, "Names with `|` between them.")], routes: everywhere, modern: .all)
    static let hasBody = ScriptFunction(
        "has_body", "Whether the message has a body, of a type if one is named.",
        parameters: [Parameter("type", .text, "The type: `application/sdp`.", optional: true)], routes: everywhere)
    static let startsWith = ScriptFunction(
        "starts_with", "Whether a text begins with another.",
        parameters: [Parameter("text", .text, "The text."), Parameter("beginning", .text, "The other.")],
        routes: .all)
}
