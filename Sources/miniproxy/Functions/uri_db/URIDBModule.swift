extension ScriptModule {
    static let uriDB = ScriptModule(
        "uri_db", "Whether users are who their URIs say.",
        parameters: [
            .dbURL, .text("uri_table", "uri", "A table."), .text("uri_user_column", "username", "A column."),
            .text("uri_domain_column", "domain", "A column."), .text("uri_uriuser_column", "uri_user", "A column."),
            .text("subscriber_table", "subscriber", "A table."),
            .text("subscriber_user_column", "username", "A column."),
            .text("subscriber_domain_column", "domain", "A column."),
            .text("db_table", "uri", "A table."), .text("user_column", "username", "A column."),
            .text("domain_column", "domain", "A column."), .text("uriuser_column", "uri_user", "A column."),
            .yesNo("use_uri_table", 0, "Whether the table says which URIs a user may use."),
            .yesNo("use_domain", 0, "Whether the domain counts."),
        ], functions: [.checkTo, .checkFrom, .doesURIExist])
}

extension ScriptFunction {
    static let checkTo = ScriptFunction(
        "check_to", "Whether the user of To is the authenticated one.", parameters: [], routes: .request,
        modern: .failure)
    static let checkFrom = ScriptFunction(
        "check_from", "Whether the user of From is the authenticated one.", parameters: [], routes: .request,
        modern: .failure)
    static let doesURIExist = ScriptFunction(
        "does_uri_exist", "Whether the user of the Request-URI is known.", parameters: [], routes: .request,
        modern: .failure)
}
