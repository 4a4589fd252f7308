extension ScriptModule {
    static let avpops = ScriptModule(
        "avpops", "Attributes: from the database, to the message.",
        parameters: [
            ModuleParameter(
                "avp_url", aliases: ["db_url"], .text, "\"mysql://ser:heslo@localhost/ser\"", "The database."),
            .text("avp_table", "usr_preferences", "The table."),
            .text("avp_aliases", "", "Not used: attributes have their own names alone."),
            .yesNo("use_domain", 0, "Whether the domain counts."), .text("uuid_column", "uuid", "A column."),
            .text("username_column", "username", "A column."), .text("domain_column", "domain", "A column."),
            .text("attribute_column", "attribute", "A column."), .text("value_column", "value", "A column."),
            .text("type_column", "type", "A column."), .text("db_scheme", "", "Not used."),
        ],
        functions: [
            .avpLoad, .avpQuery, .avpStore, .avpDBDelete, .avpWrite, .avpDelete, .avpPushTo, .avpCheck, .avpPrint,
            .avpCopy,
            .avpPrintf, .avpSubst, .avpOp,
        ])
}

extension ScriptFunction {
    private static let requests: BlockKinds = .requests
    private static let later: BlockKinds = [.onReply, .branch]
    // A branch block says where a branch goes now; what has to be asked for is asked before.
    private static let name = Parameter(
        "name", .attribute, "The attribute: `s:name`, `i:number`; `/g` for all with that name.")
    static let avpLoad = ScriptFunction(
        "avp_db_load", "Loads a user's attributes from the database.",
        parameters: [
            Parameter(
                "source", .literal, "Whose: `$ruri`, `$from` or `$to`, with `/username` or `/domain`, or `s:uuid`."),
            name,
        ], routes: requests, modern: .onReply)
    static let avpQuery = ScriptFunction(
        "avp_db_query", "Carries out a statement of SQL, and keeps the columns of its rows as attributes.",
        parameters: [
            Parameter(
                "statement", .literal,
                "The statement; variables in it become values that are bound to it, never parts of it."),
            Parameter(
                "names", .literal, "The attributes, `;` between them; `i:1;i:2` and so on if left out.", optional: true),
        ], routes: requests, modern: .onReply)
    static let avpStore = ScriptFunction(
        "avp_db_store", "Writes attributes of a user to the database.",
        parameters: [Parameter("source", .literal, "Whose."), name], routes: requests, modern: .onReply)
    static let avpDBDelete = ScriptFunction(
        "avp_db_delete", "Deletes attributes of a user from the database.",
        parameters: [Parameter("source", .literal, "Whose."), name], routes: requests, modern: .onReply)
    static let avpWrite = ScriptFunction(
        "avp_write", "Sets an attribute.",
        parameters: [Parameter("value", .literal, "`s:text`, `i:number` or a variable."), name], routes: requests,
        modern: later)
    static let avpDelete = ScriptFunction(
        "avp_delete", "Deletes an attribute.", parameters: [name], routes: requests, modern: later)
    static let avpPushTo = ScriptFunction(
        "avp_pushto", "Writes an attribute into the message.",
        parameters: [
            Parameter("destination", .literal, "`$ruri`, `$ruri/username`, `$ruri/domain`, `$hdr_name`."), name,
        ], routes: requests, modern: later)
    static let avpCheck = ScriptFunction(
        "avp_check", "Compares an attribute.",
        parameters: [
            name,
            Parameter(
                "comparison", .literal, "`eq/value/flags`; eq, ne, lt, gt, le, ge, re, fm; flags g (any), i (any case)."
            ),
        ], routes: requests, modern: later)
    static let avpPrint = ScriptFunction(
        "avp_print", "Logs all attributes.", parameters: [], routes: requests, modern: later)
    static let avpCopy = ScriptFunction(
        "avp_copy", "Copies an attribute.",
        parameters: [name, Parameter("destination", .attribute, "The other attribute.")], routes: requests,
        modern: later)
    static let avpPrintf = ScriptFunction(
        "avp_printf", "Sets an attribute to a text with variables.",
        parameters: [Parameter("name", .attribute, "The attribute."), Parameter("format", .format, "The text.")],
        routes: requests, modern: later)
    static let avpSubst = ScriptFunction(
        "avp_subst", "Replaces matches of an expression in an attribute.",
        parameters: [name, Parameter("substitution", .substitution, "`/expression/replacement/flags`.")],
        routes: requests, modern: later)
    static let avpOp = ScriptFunction(
        "avp_op", "Calculates with an attribute.",
        parameters: [name, Parameter("operation", .literal, "`add/value` and its kin.")], routes: requests,
        modern: later)
}
