/// Modules that configurations load and few scripts call.
extension ScriptModule {
    static let speeddial = ScriptModule(
        "speeddial", "Short numbers of users.",
        parameters: [
            .dbURL, .text("user_column", "username", "A column."), .text("domain_column", "domain", "A column."),
            .text("sd_user_column", "sd_username", "A column."), .text("sd_domain_column", "sd_domain", "A column."),
            .text("new_uri_column", "new_uri", "A column."), .yesNo("use_domain", 0, "Whether the domain counts."),
            .text("domain_prefix", "", "A prefix that does not count."),
        ], functions: [.speedDial])
    static let aliasDB = ScriptModule(
        "alias_db", "Aliases of users.",
        parameters: [
            .dbURL, .text("user_column", "username", "A column."), .text("domain_column", "domain", "A column."),
            .text("alias_user_column", "alias_username", "A column."),
            .text("alias_domain_column", "alias_domain", "A column."),
            .yesNo("use_domain", 0, "Whether the domain counts."),
            .text("domain_prefix", "", "A prefix that does not count."),
            .yesNo("append_branches", 0, "Whether all aliases are called."),
        ], functions: [.aliasLookup])
    static let uac = ScriptModule(
        "uac", "Being a user agent: From in other names, credentials for the next hop.",
        parameters: [
            .text("rr_store_param", "vsf", "The parameter of the Record-Route."),
            .text("from_restore_mode", "auto", "How From comes back."),
            .text("restore_mode", "auto", "How From comes back."), .text("from_passwd", "", "Not used."),
            .text("credential", "", "`user:realm:password`."), .text("auth_realm_avp", "", "An AVP."),
            .text("auth_username_avp", "", "An AVP."), .text("auth_password_avp", "", "An AVP."), .dbURL,
        ], functions: [.replaceFrom, .restoreFrom, .uacAuth])
    static let lcr = ScriptModule(
        "lcr", "Gateways by prefix and price.",
        parameters: [
            .dbURL, .text("gw_table", "gw", "A table."), .text("gw_grp_table", "gw_grp", "A table."),
            .text("lcr_table", "lcr", "A table."), .text("gw_uri_avp", "", "An AVP."),
            .text("ruri_user_avp", "", "An AVP."),
            .text("contact_avp", "", "An AVP."), .text("fr_inv_timer_avp", "", "An AVP."),
            .number("fr_inv_timer", 1...3_600_000, 90, "A timer."),
            .number("fr_inv_timer_next", 1...3_600_000, 30, "A timer."),
            .text("rpid_avp", "", "An AVP."),
        ], functions: [.loadGateways, .nextGateway, .fromGateway])
    static let dispatcher = ScriptModule(
        "dispatcher", "Sharing requests among destinations.",
        parameters: [
            .text("list_file", "", "The file of destinations."), .number("flags", 0...15, 0, "How."), .dbURL,
            .number("force_dst", 0...1, 0, "Whether another destination is replaced."),
            .number("use_default", 0...1, 0, "The last one is for failures."),
            .text("dst_avp", "", "An AVP."), .text("grp_avp", "", "An AVP."), .text("cnt_avp", "", "An AVP."),
            .text("xavp_dst", "", "Not used."), .text("xavp_ctx", "", "Not used."),
            .number("ds_ping_interval", 0...100_000, 0, "Seconds between two pings."),
            .number("ds_probing_mode", 0...3, 0, "Whom to ping."),
        ], functions: [.selectDestination, .selectDomain, .nextDestination])
    static let options = ScriptModule(
        "options", "Answers to OPTIONS.",
        parameters: [
            .text("accept", "*/*", "Accept."), .text("accept_encoding", "", "Accept-Encoding."),
            .text("accept_language", "en", "Accept-Language."), .text("support", "", "Supported."),
        ], functions: [.optionsReply])
    static let exec = ScriptModule(
        "exec", "Other programs.",
        parameters: [
            .yesNo("setvars", 1, "Whether they see the message in their environment."),
            .number("time_to_kill", 0...10_000, 0, "Seconds they may run."), .yesNo("kill", 0, "Not used."),
        ],
        functions: [.execMessage, .execDestinations, .execAVP])
    /// Drivers select nothing by themselves: a `db_url` does.
    static let databases = ScriptModule(
        "mysql",
        aliases: [
            "db_mysql", "postgres", "db_postgres", "dbtext", "db_text", "db_sqlite", "sqlite", "unixodbc",
            "db_unixodbc",
            "flatstore", "db_flatstore", "db_virtual", "db_berkeley", "oracle",
        ], "Database drivers; the URL says which.",
        parameters: [
            .number("ping_interval", 0...100_000, 300, "Not used."),
            .number("timeout_interval", 0...10_000, 2, "Not used."),
            .number("auto_reconnect", 0...1, 1, "Not used."), .number("max_db_retries", 0...100, 3, "Not used."),
        ])
}

extension ScriptFunction {
    static let speedDial = ScriptFunction(
        "sd_lookup", "Replaces a short number of the caller by its URI.",
        parameters: [Parameter("table", .text, "The table.")],
        routes: .request)
    static let aliasLookup = ScriptFunction(
        "alias_db_lookup", "Replaces an alias by the user it stands for.",
        parameters: [
            Parameter("table", .text, "The table."), Parameter("target", .text, "Where to put it.", optional: true),
        ], routes: .requests)
    static let replaceFrom = ScriptFunction(
        "uac_replace_from", "Writes another From for this request and all of its dialog.",
        parameters: [
            Parameter("display", .text, "The name, or the URI alone."),
            Parameter("uri", .text, "The URI.", optional: true),
        ], routes: .requests, modern: .branch)
    static let restoreFrom = ScriptFunction(
        "uac_restore_from", "Takes From back to what was received.", parameters: [],
        routes: [.request, .failure, .onReply])
    static let uacAuth = ScriptFunction(
        "uac_auth", "Answers a challenge of the next hop.",
        parameters: [Parameter("mode", .text, "Not used.", optional: true)],
        routes: .failure)
    static let loadGateways = ScriptFunction(
        "load_gws", "Finds the gateways for the Request-URI.",
        parameters: [
            Parameter("id", .text, "Which list.", optional: true),
            Parameter("user", .text, "Another number.", optional: true),
            Parameter("from", .text, "Another caller.", optional: true),
        ], routes: .request)
    static let nextGateway = ScriptFunction(
        "next_gw", "Writes the next gateway into the Request-URI.", parameters: [], routes: .requests)
    static let fromGateway = ScriptFunction(
        "from_gw", "Whether the request comes from a gateway.",
        parameters: [
            Parameter("id", .text, "Which list.", optional: true),
            Parameter("address", .text, "Another address.", optional: true),
        ],
        routes: .messages)
    private static let selection = [
        Parameter("set", .text, "Which destinations."),
        Parameter("algorithm", .text, "0 Call-ID, 1 From, 2 To, 3 Request-URI, 4 in turn."),
        Parameter("limit", .text, "How many.", optional: true),
    ]
    static let selectDestination = ScriptFunction(
        "ds_select_dst", "Chooses where the request goes.", parameters: selection, routes: .requests)
    static let selectDomain = ScriptFunction(
        "ds_select_domain", "Chooses the host of the Request-URI.", parameters: selection, routes: .requests)
    static let nextDestination = ScriptFunction(
        "ds_next_dst", "Chooses the next destination after a failure.", parameters: [], routes: .requests)
    static let optionsReply = ScriptFunction(
        "options_reply", "Answers OPTIONS that are for us.", parameters: [], routes: .request)
    static let execMessage = ScriptFunction(
        "exec_msg", "Gives the message to a program.", parameters: [Parameter("command", .text, "The program.")],
        routes: .requests)
    static let execDestinations = ScriptFunction(
        "exec_dset", "Takes the destinations from a program.",
        parameters: [Parameter("command", .text, "The program.")], routes: .requests)
    static let execAVP = ScriptFunction(
        "exec_avp", "Takes attributes from a program.",
        parameters: [
            Parameter("command", .text, "The program."), Parameter("names", .text, "The attributes.", optional: true),
        ],
        routes: .requests)
}
