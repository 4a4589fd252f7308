extension ScriptModule {
    static let dispatcher = ScriptModule(
        "dispatcher", "Sharing requests among destinations.",
        parameters: [
            .text(
                "list_file", "",
                "The file of destinations, read at the start and with `ctl dispatcher reload`: lines `SET URI`."),
            .number("flags", 0...15, 0, "Not used: the other destinations are always kept for `ds_next_dst`."), .dbURL,
            .number("force_dst", 0...1, 0, "Not used: another destination is replaced."),
            .number("use_default", 0...1, 0, "The last one is for failures alone."),
            .text("dst_avp", "", "Where the other destinations are kept; without one, `s:ds_dst`."),
            .text("grp_avp", "", "Not used."), .text("cnt_avp", "", "Not used."),
            .text("xavp_dst", "", "Not used."), .text("xavp_ctx", "", "Not used."),
            .number("ds_ping_interval", 0...100_000, 0, "Not used: nobody is pinged."),
            .number("ds_probing_mode", 0...3, 0, "Not used."),
        ], functions: [.selectDestination, .selectDomain, .nextDestination])
}

extension ScriptFunction {
    private static let selection = [
        Parameter("set", .text, "Which destinations."),
        Parameter("algorithm", .text, "0 Call-ID, 1 From, 2 To, 3 Request-URI, 4 in turn."),
        Parameter("limit", .text, "How many.", optional: true),
    ]
    static let selectDestination = ScriptFunction(
        "ds_select_dst", "Chooses where the request goes; the Request-URI stays.", parameters: selection,
        routes: .requests)
    static let selectDomain = ScriptFunction(
        "ds_select_domain", "Chooses the host of the Request-URI.", parameters: selection, routes: .requests)
    static let nextDestination = ScriptFunction(
        "ds_next_dst", "Chooses the next destination after a failure; false when there are no more.", parameters: [],
        routes: .requests)
}
