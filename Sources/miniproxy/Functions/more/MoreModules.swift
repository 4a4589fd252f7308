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
