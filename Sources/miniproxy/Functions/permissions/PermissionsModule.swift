extension ScriptModule {
    static let permissions = ScriptModule(
        "permissions", "Who may do what: trusted peers, files of patterns.",
        parameters: [
            .dbURL, .yesNo("db_mode", 0, "Whether the table is kept in memory."),
            .text("trusted_table", "trusted", "The table."), .text("source_col", "src_ip", "A column."),
            .text("proto_col", "proto", "A column."), .text("from_col", "from_pattern", "A column."),
            .text("tag_col", "tag", "Not used."), .text("ruri_col", "ruri_pattern", "Not used."),
            .text("address_table", "address", "A table."),
            .text("address_file", "", "Not used: addresses are in the table."),
            .text("default_allow_file", "permissions.allow", "The file of what is allowed."),
            .text("default_deny_file", "permissions.deny", "The file of what is not."),
            .yesNo("check_all_branches", 1, "Whether all branches have to be allowed."),
            .text("allow_suffix", ".allow", "The end of a file's name."),
            .text("deny_suffix", ".deny", "The end of a file's name."),
            .text("peer_tag_avp", "", "Not used."), .number("peer_tag_mode", 0...1, 0, "Not used."),
            .number("max_subnets", 1...1_000_000, 512, "Not used."),
        ], functions: [.allowTrusted, .allowRouting, .allowRegister, .allowURI, .allowSourceAddress, .allowAddress])
}

extension ScriptFunction {
    static let allowTrusted = ScriptFunction(
        "allow_trusted", "Whether the request comes from a trusted peer.",
        parameters: [
            Parameter("address", .text, "Another address than the source.", optional: true),
            Parameter("protocol", .text, "Another protocol.", optional: true),
            Parameter("from", .text, "Another From URI.", optional: true),
        ], routes: .requests)
    private static let files = [
        Parameter("allow", .text, "The base name of both files, or the file of what is allowed.", optional: true),
        Parameter("deny", .text, "The file of what is not.", optional: true),
    ]
    static let allowRouting = ScriptFunction(
        "allow_routing", "Whether the files let From call the Request-URI.", parameters: files, routes: .requests)
    static let allowRegister = ScriptFunction(
        "allow_register", "Whether the files let To register its contacts.", parameters: files, routes: .requests)
    static let allowURI = ScriptFunction(
        "allow_uri", "Whether the files let From call a URI.",
        parameters: [Parameter("base", .text, "The base name."), Parameter("uri", .text, "The URI.")],
        routes: .requests)
    static let allowSourceAddress = ScriptFunction(
        "allow_source_address", "Whether the source address is in a group.",
        parameters: [Parameter("group", .integer(0...1_000_000), "The group, 1 if left out.", optional: true)],
        routes: .requests)
    static let allowAddress = ScriptFunction(
        "allow_address", "Whether an address is in a group.",
        parameters: [
            Parameter("group", .text, "The group."), Parameter("address", .text, "The address."),
            Parameter("port", .text, "The port."),
        ], routes: .requests)
}
