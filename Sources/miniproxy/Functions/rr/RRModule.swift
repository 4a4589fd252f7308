extension ScriptModule {
    static let rr = ScriptModule(
        "rr", "Record-Route and Route: staying in the path, and following it.",
        parameters: [
            .yesNo("enable_full_lr", 0, "Write `lr=on` for phones that cannot read a bare `lr`."),
            .yesNo("append_fromtag", 1, "Write the caller's tag as `ftag`."),
            .yesNo(
                "enable_double_rr", 1,
                "Not used: two lines are written where a request leaves by another socket than it came in."),
            .number(
                "enable_double_rr", 0...2, 1,
                "Not used: two lines are written where a request leaves by another socket than it came in."),
            .yesNo("add_username", 0, "Write the user of the Request-URI."),
            .yesNo("ignore_user", 0, "Not used."), .yesNo("force_send_socket", 1, "Not used."),
            .text("custom_user_avp", "", "Not used."),
        ],
        functions: [
            .recordRoute, .recordRoutePreset, .looseRoute, .checkRouteParameter, .addRecordRouteParameter, .isDirection,
        ])
}

extension ScriptFunction {
    static let recordRoute = ScriptFunction(
        "record_route", "Adds a Record-Route, so that later requests of the dialog come this way.",
        parameters: [Parameter("parameters", .text, "Further URI parameters.", optional: true)], routes: .request,
        modern: [.branch, .failure])
    static let recordRoutePreset = ScriptFunction(
        "record_route_preset", "Adds a Record-Route with this host, port and parameters.",
        parameters: [
            Parameter("host:port;parameters", .text, "What to write behind the user."),
            Parameter("second", .text, "The same for the other socket.", optional: true),
        ], routes: .request, modern: [.branch, .failure])
    static let looseRoute = ScriptFunction(
        "loose_route", "Follows the Route headers, if the request has some.", parameters: [], routes: .request)
    static let checkRouteParameter = ScriptFunction(
        "check_route_param", "Whether our Route URI's parameters match an expression.",
        parameters: [Parameter("expression", .pattern(lines: true), "The expression.")], routes: .request,
        modern: .messages)
    static let addRecordRouteParameter = ScriptFunction(
        "add_rr_param", "Adds a parameter to our Record-Route.",
        parameters: [Parameter("parameter", .text, "With its semicolon: `;nat=yes`.")], routes: .request,
        modern: [.branch, .failure])
    static let isDirection = ScriptFunction(
        "is_direction", "Whether a request of a dialog goes from caller to callee, or back.",
        parameters: [Parameter("direction", .word(["downstream", "upstream"]), "Which.")], routes: .request,
        modern: .messages)
}
