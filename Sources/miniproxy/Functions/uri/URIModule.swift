extension ScriptModule {
    static let uri = ScriptModule(
        "uri", "Questions about URIs.",
        functions: [.hasToTag, .isUser, .uriParameter, .addURIParameter, .telToSIP])

    static let siputils = ScriptModule(
        "siputils", "Questions about URIs, as Kamailio names the module.",
        parameters: [.text("e164_max_len", "15", "Not used."), .number("options_accept", 0...1, 0, "Not used.")],
        functions: [.hasToTag, .isUser, .uriParameter, .addURIParameter, .telToSIP, .isRequest, .isReply])
}

extension ScriptFunction {
    static let hasToTag = ScriptFunction(
        "has_totag", "Whether To has a tag: the request belongs to a dialog.", parameters: [], routes: .request,
        modern: .all)
    static let isUser = ScriptFunction(
        "is_user", "Whether this is the authenticated user.", parameters: [Parameter("name", .text, "The user.")],
        routes: .request, modern: .messages)
    static let uriParameter = ScriptFunction(
        "uri_param", "Whether the Request-URI has a parameter.",
        parameters: [
            Parameter("name", .text, "The parameter."),
            Parameter("value", .text, "The value it must have.", optional: true),
        ], routes: .request, modern: .messages)
    static let addURIParameter = ScriptFunction(
        "add_uri_param", "Adds a parameter to the Request-URI.",
        parameters: [Parameter("parameter", .text, "`name` or `name=value`.")], routes: .request, modern: .messages)
    static let telToSIP = ScriptFunction(
        "tel2sip", "Makes a sip: URI of a tel: Request-URI.",
        parameters: [
            Parameter("uri", .text, "Another URI.", optional: true),
            Parameter("host", .text, "The host.", optional: true),
            Parameter("result", .text, "Where to put it.", optional: true),
        ], routes: .request, modern: .messages)
    static let isRequest = ScriptFunction(
        "is_request", "Whether the message is a request.", parameters: [], routes: .all)
    static let isReply = ScriptFunction(
        "is_reply", "Whether the message is a reply.", parameters: [], routes: .all)
}
