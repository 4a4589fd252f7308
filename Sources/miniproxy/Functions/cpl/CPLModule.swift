extension ScriptModule {
    static let cpl = ScriptModule(
        "cpl-c", aliases: ["cplc"], "Users' own call processing scripts (RFC 3880).",
        parameters: [
            ModuleParameter("cpl_db", aliases: ["db_url"], .text, "\"\"", "The database."),
            ModuleParameter("cpl_table", aliases: ["db_table"], .text, "\"cpl\"", "The table."),
            .text("cpl_dtd_file", "", "Not used: the rules are built in."),
            .number("proxy_recurse", 0...10, 0, "How often redirections are followed."),
            .text("proxy_route", "", "The block that runs before the call is first sent on."),
            ModuleParameter("nat_flag", .flag, "6", "The flag of contacts behind NAT."),
            .text(
                "log_dir", "", "The folder where `log` nodes write, a file for each user; without one, into the log."),
            .yesNo("case_sensitive", 0, "Whether the case of a user counts."),
            .text("realm_prefix", "", "A prefix that does not count."),
            .text("lookup_domain", "", "The table of `lookup`; without one a lookup fails."),
            .yesNo("lookup_append_branches", 0, "Whether `lookup` finds all contacts, or the first."),
            .text("username_column", "username", "A column; SER's `user` is found by itself."),
            .text("domain_column", "domain", "A column."),
            .text("timer_avp", "", "The AVP that gets the timeout of a `proxy`; it counts with and without one."),
            .yesNo("ignore3xx", 0, "Whether redirections go to the caller, and no script hears of them."),
            .yesNo("use_domain", 0, "Whether the domain counts."),
        ], functions: [.runCPL, .processCPLRegister, .processCPLRegisterNoReply])
}

extension ScriptFunction {
    static let runCPL = ScriptFunction(
        "cpl_run_script", "Runs the caller's or the callee's script; ends the block when it took over.",
        parameters: [
            Parameter("direction", .word(["incoming", "outgoing"]), "Whose script."),
            Parameter(
                "state", .word(["is_stateless", "is_stateful", "force_stateful"]), "Whether there is a transaction."),
            Parameter("user", .text, "Another user.", optional: true),
        ], routes: .request)
    static let processCPLRegister = ScriptFunction(
        "cpl_process_register", "Stores or sends a script that comes with REGISTER.", parameters: [], routes: .request)
    static let processCPLRegisterNoReply = ScriptFunction(
        "cpl_process_register_norpl", "Like `cpl_process_register`, without the answer.", parameters: [],
        routes: .request)
}
