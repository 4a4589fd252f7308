extension ScriptModule {
    static let dispatcher = ScriptModule(
        "dispatcher", "Sharing requests among destinations.",
        parameters: [
            .text(
                "list_file", "",
                "The file of destinations, read at the start and with `ctl dispatcher reload`: lines `SET URI [FLAGS [PRIORITY]]`."
            ),
            .number("flags", 0...15, 0, "Not used: the other destinations are always kept for `ds_next_dst`."), .dbURL,
            .number("force_dst", 0...1, 0, "Not used: another destination is replaced."),
            .number("use_default", 0...1, 0, "The last one is for failures alone."),
            .text("dst_avp", "", "Where the other destinations are kept; without one, `s:ds_dst`."),
            .text("grp_avp", "", "Not used."), .text("cnt_avp", "", "Not used."),
            .text("xavp_dst", "", "Not used."), .text("xavp_ctx", "", "Not used."),
            .text(
                "table_name", "dispatcher", "The table of destinations, where there is a `db_url` and no `list_file`."),
            .number("ds_ping_interval", 0...100_000, 0, "Seconds between two pings; 0 for none."),
            .number("ds_probing_mode", 0...3, 0, "0: only those that are inactive are pinged; else all."),
            .text("ds_ping_method", "OPTIONS", "The method of pings."),
            .text("ds_ping_from", "sip:dispatcher@localhost", "Their From."),
            .number("ds_probing_threshold", 1...1_000, 1, "Pings without an answer until a destination is inactive."),
            .number("ds_inactive_threshold", 1...1_000, 1, "Answers until it is active again."),
            .text(
                "ds_ping_reply_codes", "",
                "Answers that are as good as 2xx, as `class=4;code=501`."),
        ], functions: [.selectDestination, .selectDomain, .nextDestination, .markDestination])
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
    static let markDestination = ScriptFunction(
        "ds_mark_dst", "Says how the destination is that was chosen last: it gets no more requests, or does again.",
        parameters: [
            Parameter(
                "state", .letters("aipxtAIPXT"), "`p` or `i`: inactive, which a ping ends; `a`: active.", optional: true
            )
        ], routes: .requests)
    static let nextDestination = ScriptFunction(
        "ds_next_dst", "Chooses the next destination after a failure; false when there are no more.", parameters: [],
        routes: .requests)
}
