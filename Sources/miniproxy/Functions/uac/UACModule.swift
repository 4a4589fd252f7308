extension ScriptModule {
    static let uac = ScriptModule(
        "uac", "Being a user agent: From in other names, credentials for the next hop.",
        parameters: [
            .text("rr_store_param", "vsf", "The parameter of our Record-Route that carries what From was."),
            ModuleParameter(
                "restore_mode", aliases: ["from_restore_mode"], .text, "\"auto\"",
                "`auto`: in the whole dialog; `manual`: where `uac_restore_from` is called; `none`: never."),
            .text("from_passwd", "", "Not used."),
            .text("credential", "", "`user:realm:password`, once for each realm that `uac_auth` has an answer for."),
            .text("auth_realm_avp", "", "The AVP with a realm that other AVPs have user and password for."),
            .text("auth_username_avp", "", "The AVP with the user."),
            .text("auth_password_avp", "", "The AVP with the password."), .dbURL,
        ], functions: [.replaceFrom, .restoreFrom, .uacAuth])
}

extension ScriptFunction {
    static let replaceFrom = ScriptFunction(
        "uac_replace_from",
        "Writes another From for this request and all of its dialog, which needs `record_route`; answers bring the old one back.",
        parameters: [
            Parameter("display", .text, "The name, \"\" for none; or the URI alone, then the name stays."),
            Parameter("uri", .text, "The URI; \"\" leaves it.", optional: true),
        ], routes: .requests)
    static let restoreFrom = ScriptFunction(
        "uac_restore_from",
        "Changes From or To of a request inside of such a dialog, where that is not done by itself.",
        parameters: [], routes: [.request, .failure, .onReply])
    static let uacAuth = ScriptFunction(
        "uac_auth",
        "Writes credentials for the next hop that has asked for some; `t_relay` sends the request there again.",
        parameters: [Parameter("mode", .text, "Not used.", optional: true)],
        routes: .failure)
}
