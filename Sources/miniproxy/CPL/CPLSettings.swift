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
    /// `timer_avp`: the AVP that gets the timeout of a `proxy`, in seconds.
    var timerAttribute: AttributeList.Name?
    /// `ignore3xx`: a redirection is the caller's, and no script hears of it.
    var ignoresRedirections = false
    /// `log_dir`: where `log` nodes write, a file for each user; empty: into the proxy's log.
    var logFolder = ""
    /// What takes the mails of `mail` nodes from its standard input; empty: they are lines of the log.
    var mailCommand = ""
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
        let timer = values.bytes("cpl-c", "timer_avp")
        self.timerAttribute = timer.isEmpty ? nil : AttributeName(timer).name
        self.ignoresRedirections = values.isSet("cpl-c", "ignore3xx")
        self.logFolder = values.script.modules.contains("cpl-c") ? values.text("cpl-c", "log_dir") : ""
    }
}
