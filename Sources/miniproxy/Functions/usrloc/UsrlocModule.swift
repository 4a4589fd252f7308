extension ScriptModule {
    static let usrloc = ScriptModule(
        "usrloc", "The tables of contacts.",
        parameters: [
            .dbURL,
            .number("db_mode", 0...3, 0, "0 memory only, 1 database first, 2 database later, 3 database only."),
            .number("timer_interval", 1...1_000_000, 60, "Seconds between two looks for expired contacts."),
            .yesNo("use_domain", 0, "Whether users of several domains are kept apart."),
            .yesNo("desc_time_order", 0, "Whether the newest contact comes first."),
            .number("matching_mode", 0...3, 0, "Not used: what makes two contacts one is the URI."),
            .number("hash_size", 0...31, 9, "Not used."),
            ModuleParameter("nat_bflag", .flag, "-1", "The branch flag of contacts behind NAT."),
            .number("cseq_delay", 0...1000, 20, "Not used."), .number("fetch_rows", 1...1_000_000, 2000, "Not used."),
            .yesNo("case_sensitive", 1, "Not used."), .number("preload", 0...1, 0, "Not used."),
            .text("user_column", "username", "A column."), .text("domain_column", "domain", "A column."),
            .text("contact_column", "contact", "A column."), .text("expires_column", "expires", "A column."),
            .text("q_column", "q", "A column."), .text("callid_column", "callid", "A column."),
            .text("cseq_column", "cseq", "A column."), .text("method_column", "method", "Not used."),
            .text("methods_column", "methods", "A column."), .text("replicate_column", "replicate", "Not used."),
            .text("state_column", "state", "Not used."), .text("flags_column", "flags", "A column."),
            .text("cflags_column", "cflags", "A column."), .text("user_agent_column", "user_agent", "A column."),
            .text("received_column", "received", "A column."), .text("path_column", "path", "A column."),
            .text("socket_column", "socket", "A column."),
        ])
}
