extension ScriptModule {
    static let group = ScriptModule(
        "group", "Groups of users.",
        parameters: [
            .dbURL, .text("table", "grp", "The table."), .text("user_column", "username", "A column."),
            .text("domain_column", "domain", "A column."), .text("group_column", "grp", "A column."),
            .yesNo("use_domain", 0, "Whether the domain counts."),
        ], functions: [.isUserIn])
}

extension ScriptFunction {
    static let isUserIn = ScriptFunction(
        "is_user_in", "Whether a user is in a group.",
        parameters: [
            Parameter("who", .text, "`Request-URI`, `To`, `From` or `Credentials`; in modern scripts any URI."),
            Parameter("group", .text, "The group."),
        ], routes: .request, modern: .failure)
}
