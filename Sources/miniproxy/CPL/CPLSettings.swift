/// What a script sets for `cpl-c` (FUNCTIONS.md §19).
struct CPLSettings: Sendable {
    var table = Array("cpl".utf8)
    var userColumn = Array("username".utf8)
    var domainColumn = Array("domain".utf8)
    var useDomain = false
    var isCaseSensitive = false
    /// What a domain may begin with and is looked for without.
    var realmPrefix: [UInt8] = []
    /// How many redirections are followed.
    var recursions = 0
    /// The block that runs before a call is sent on; empty for none.
    var proxyRoute = ""
    /// The contact table of `lookup`; empty where nobody is looked up.
    var lookupTable: [UInt8] = []
    /// Whether `lookup` finds all contacts, or the best one.
    var findsAllContacts = false
    /// The flag that a contact behind NAT sets; -1 for none.
    var natFlag = 6
    /// Seconds by which a script's clock is ahead of the machine's.
    var clockOffset: Int64 = 0

    init() {}

    init(_ values: ModuleValues) {
        self.table = values.bytes("cpl-c", "cpl_table")
        self.userColumn = values.bytes("cpl-c", "username_column")
        self.domainColumn = values.bytes("cpl-c", "domain_column")
        self.useDomain = values.isSet("cpl-c", "use_domain")
        self.isCaseSensitive = values.isSet("cpl-c", "case_sensitive")
        self.realmPrefix = values.bytes("cpl-c", "realm_prefix")
        self.recursions = values.number("cpl-c", "proxy_recurse")
        self.proxyRoute = values.text("cpl-c", "proxy_route")
        self.lookupTable = values.bytes("cpl-c", "lookup_domain")
        self.findsAllContacts = values.isSet("cpl-c", "lookup_append_branches")
        self.natFlag = values.number("cpl-c", "nat_flag")
    }
}
