extension ScriptModule {
    static let domain = ScriptModule(
        "domain", "Which domains are ours.",
        parameters: [
            .dbURL, .yesNo("db_mode", 0, "Whether the table is kept in memory."),
            .text("domain_table", "domain", "The table."), .text("domain_col", "domain", "The column."),
            .text("did_col", "did", "Not used."), .text("domain_attrs_table", "domain_attrs", "Not used."),
            .yesNo("register_myself", 0, "Not used: domains that `myself` is to be are aliases."),
        ], functions: [.isURIHostLocal, .isFromLocal, .isDomainLocal, .lookupDomain])
}

extension ScriptFunction {
    static let isURIHostLocal = ScriptFunction(
        "is_uri_host_local", "Whether the host of the Request-URI is one of our domains.", parameters: [],
        routes: .request, modern: [.failure, .branch])
    static let isFromLocal = ScriptFunction(
        "is_from_local", "Whether the host of From is one of our domains.", parameters: [], routes: .request,
        modern: .failure)
    static let isDomainLocal = ScriptFunction(
        "is_domain_local", "Whether a domain is ours.", parameters: [Parameter("domain", .text, "The domain.")],
        routes: .request, modern: [.failure, .branch])
    static let lookupDomain = ScriptFunction(
        "lookup_domain", "Whether a domain is ours; loads its attributes.",
        parameters: [
            Parameter("domain", .text, "The domain."), Parameter("prefix", .text, "Of the AVPs.", optional: true),
        ], routes: .request, modern: [.failure, .branch])
}
