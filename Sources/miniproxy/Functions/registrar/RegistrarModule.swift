extension ScriptModule {
    static let registrar = ScriptModule(
        "registrar", "REGISTER, and where users are.",
        parameters: [
            .number("default_expires", 0...1_000_000_000, 3600, "The expiry of a contact that names none."),
            .number("min_expires", 0...1_000_000_000, 60, "A shorter expiry is raised to this."),
            .number("max_expires", 0...1_000_000_000, 0, "A longer expiry is cut to this; 0 for no limit."),
            .number("default_expires_range", 0...100, 0, "Not used: expiries are not spread."),
            .number("expires_range", 0...100, 0, "Not used: expiries are not spread."),
            .number("default_q", -1...1000, 0, "The rank of a contact that names none, in thousandths."),
            .yesNo("append_branches", 1, "Whether all contacts of a user ring; 0: only the first."),
            .yesNo("desc_time_order", 0, "Whether the newest contact comes first, whatever its rank."),
            .yesNo("case_sensitive", 0, "Whether the case of a user counts."),
            ModuleParameter("nat_flag", .flag, "4", "The flag of contacts behind NAT; a contact is kept with it."),
            .yesNo("use_domain", 0, "Whether users of several domains are kept apart."),
            .number("max_contacts", 0...10_000, 0, "How many contacts a user may have; 0 for no limit."),
            .number("retry_after", 0...1_000_000, 0, "Retry-After of a 503, in seconds."),
            .text("received_param", "received", "The parameter of a contact's real address."),
            ModuleParameter("received_avp", .either, "42", "The AVP with the contact's real address."),
            .text("realm_prefix", "", "A prefix of domains that does not count."),
            .yesNo("use_path", 0, "Whether Path is kept."),
            .number("path_mode", 0...2, 2, "Not used: Path is kept as it comes."),
            .yesNo("path_use_received", 0, "Not used: a Path's own address counts."),
            .yesNo("gruu_enabled", 1, "Not used: no GRUU is given."),
            .number(
                "outbound_mode", 0...2, 0, "Not used: a contact is reached over its connection as long as that stands."),
            .number("method_filtering", 0...1, 0, "Not used: all contacts are tried."),
            .number("xavp_cfg", 0...0, 0, "Not used."), .text("aor_avp", "", "Not used."),
            .number("min_expires_mode", 0...2, 0, "Not used: a shorter expiry is raised."),
            .text("sock_hdr_name", "", "Not used."), .number("sock_flag", -1...31, -1, "Not used."),
        ],
        functions: [.save, .saveNoReply, .saveMemory, .lookup, .registered, .unregister])
}

extension ScriptFunction {
    private static let table = Parameter("table", .text, "The table, mostly \"location\".")
    static let save = ScriptFunction(
        "save", "Processes a REGISTER and answers it; ends the block after an error reply.",
        parameters: [
            table, Parameter("flags", .text, "Flags of Kamailio.", optional: true),
            Parameter("uri", .text, "Another address of record.", optional: true),
        ], routes: .request, modern: .onReply)
    static let saveNoReply = ScriptFunction(
        "save_noreply", "Like `save`, without an answer.", parameters: [table], routes: .request)
    static let saveMemory = ScriptFunction(
        "save_memory", "Like `save`, without the database.", parameters: [table], routes: .request)
    static let lookup = ScriptFunction(
        "lookup", "Replaces the Request-URI by where the user is registered.",
        parameters: [table, Parameter("uri", .text, "Another address than the Request-URI.", optional: true)],
        routes: .requests)
    static let registered = ScriptFunction(
        "registered", "Whether the user of the Request-URI is registered.",
        parameters: [table, Parameter("uri", .text, "Another address than the Request-URI.", optional: true)],
        routes: .requests)
    static let unregister = ScriptFunction(
        "unregister", "Removes all contacts of an address.",
        parameters: [table, Parameter("uri", .text, "The address of record.")], routes: .requests)
}
