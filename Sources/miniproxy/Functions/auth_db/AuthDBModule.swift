extension ScriptModule {
    static let authDB = ScriptModule(
        "auth_db", "Digest credentials against a table of users.",
        parameters: [
            .dbURL, .text("user_column", "username", "A column."), .text("domain_column", "domain", "A column."),
            .text("password_column", "ha1", "The column with HA1, or with the password."),
            .text("password_column_2", "ha1b", "The column with HA1 of user@domain."),
            .yesNo("calculate_ha1", 0, "Whether `password_column` holds passwords."),
            .yesNo("use_domain", 0, "Whether the realm has to be the user's domain."),
            .text("avps_column_int", "domn", "Columns that become AVPs with numbers."),
            .text("avps_column_str", "uuid|rpid", "Columns that become AVPs with texts."),
            .text("load_credentials", "rpid", "Columns that become AVPs."),
            .text("version_table", "version", "Not used."),
            .yesNo("version_table", 0, "Not used."), .yesNo("as_subscribe_flag", 0, "Not used."),
        ], functions: [.wwwAuthorize, .proxyAuthorize, .authCheck])
}

extension ScriptFunction {
    private static let realmAndTable = [
        Parameter("realm", .text, "The realm; \"\" is the host of To for REGISTER, of From otherwise."),
        Parameter("table", .text, "The table of users, mostly \"subscriber\"."),
    ]
    static let wwwAuthorize = ScriptFunction(
        "www_authorize", aliases: ["www_authenticate"], "Whether Authorization proves who sends the request.",
        parameters: realmAndTable, routes: .request, modern: .failure)
    static let proxyAuthorize = ScriptFunction(
        "proxy_authorize", aliases: ["proxy_authenticate"], "Whether Proxy-Authorization proves who sends the request.",
        parameters: realmAndTable, routes: .request, modern: .failure)
    static let authCheck = ScriptFunction(
        "auth_check", "`www_authorize` or `proxy_authorize` by method, and whether From or To is that user.",
        parameters: realmAndTable + [Parameter("checks", .integer(0...31), "1 to compare the user.")], routes: .request,
        modern: .failure)
}
