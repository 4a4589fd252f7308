extension ScriptModule {
    static let lcr = ScriptModule(
        "lcr", "Gateways by prefix and price. The tables are read at the start; `ctl lcr reload` reads them again.",
        parameters: [
            .dbURL, .text("gw_table", "gw", "SER's table of gateways."),
            .text("gw_grp_table", "gw_grp", "Not used: groups are numbers."),
            .text("lcr_table", "lcr", "SER's table of prefixes."),
            .text("gw_uri_avp", "", "Where `load_gws` leaves the gateways; without one, `s:lcr_gw`."),
            .text("ruri_user_avp", "", "Not used: the gateways are left with the number."),
            .text("contact_avp", "", "Not used."), .text("fr_inv_timer_avp", "", "Not used."),
            .number("fr_inv_timer", 1...3_600_000, 90, "Not used."),
            .number("fr_inv_timer_next", 1...3_600_000, 30, "Not used."),
            .text("rpid_avp", "", "Not used."),
        ], functions: [.loadGateways, .nextGateway, .fromGateway, .toGateway])
}

extension ScriptFunction {
    static let loadGateways = ScriptFunction(
        "load_gws",
        "Finds the gateways for the Request-URI: those of the longest prefix first, then by priority, among equals by chance.",
        parameters: [
            Parameter("id", .text, "Which list.", optional: true),
            Parameter("user", .text, "Another number.", optional: true),
            Parameter("from", .text, "Another caller.", optional: true),
        ], routes: .request)
    static let nextGateway = ScriptFunction(
        "next_gw", "Writes the next gateway into the Request-URI; false when there are no more.", parameters: [],
        routes: .requests)
    static let fromGateway = ScriptFunction(
        "from_gw", "Whether the request comes from a gateway.",
        parameters: [
            Parameter("id", .text, "Which list.", optional: true),
            Parameter("address", .text, "Another address.", optional: true),
        ],
        routes: .messages)
    static let toGateway = ScriptFunction(
        "to_gw", "Whether the Request-URI is a gateway's.",
        parameters: [
            Parameter("id", .text, "Which list.", optional: true),
            Parameter("address", .text, "Another address.", optional: true),
        ],
        routes: .requests)
}
