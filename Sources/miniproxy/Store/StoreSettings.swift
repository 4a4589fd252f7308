import SIPKit

/// What a script says about its database: URLs, tables and columns of the modules that have some.
///
/// Every name has the module's standard where the script gives none, as `ModuleParameter` declares it.
struct StoreSettings: Sendable {
    var usrloc = UsrlocSettings()
    var auth = AuthDBSettings()
    var uri = URIDBSettings()
    var domain = DomainSettings()
    var group = GroupSettings()
    var trusted = TrustedSettings()
    var preferences = PreferenceSettings()
    var speedDial = SpeedDialSettings()
    var alias = AliasDBSettings()
    var cpl = CPLSettings()
    var lcr = LCRSettings()
    var dispatcher = DispatcherSettings()
    /// The contact tables that the script's functions name.
    var contactTables: [[UInt8]] = []
    /// The tables that `acc_db_request` names, and those of `db_flag` and `db_missed_flag`.
    var accountingTables: [[UInt8]] = []
    /// The modules of the script that ask a database.
    var modules: Set<String> = []
    /// The URLs that the script itself gives, each once.
    var urls: [String] = []

    private static let databaseModules: Set<String> = [
        "auth_db", "uri_db", "domain", "group", "permissions", "avpops", "speeddial", "alias_db",
        "cpl-c", "lcr",
    ]

    init() {}

    init(_ script: CheckedScript) {
        let values = ModuleValues(script: script)
        self.usrloc = UsrlocSettings(values)
        self.auth = AuthDBSettings(values)
        self.uri = URIDBSettings(values)
        self.domain = DomainSettings(values)
        self.group = GroupSettings(values)
        self.trusted = TrustedSettings(values)
        self.preferences = PreferenceSettings(values)
        self.speedDial = SpeedDialSettings(values)
        self.alias = AliasDBSettings(values)
        self.cpl = CPLSettings(values)
        self.lcr = LCRSettings(values)
        self.dispatcher = DispatcherSettings(values)
        for call in script.calls.values
        where ["save", "save_noreply", "save_memory", "lookup", "registered", "unregister"].contains(call.function.name)
        {
            let name = call.arguments.text(0)
            if !name.isEmpty, !self.contactTables.contains(name) { self.contactTables.append(name) }
        }
        for call in script.calls.values where call.function.name == "acc_db_request" {
            let name = call.arguments.text(1)
            if !self.accountingTables.contains(name) { self.accountingTables.append(name) }
        }
        for (flag, table) in [("db_flag", "db_table_acc"), ("db_missed_flag", "db_table_missed_calls")]
        where script.modules.contains("acc") && values.number("acc", flag) > 0 {
            let name = values.bytes("acc", table)
            if !self.accountingTables.contains(name) { self.accountingTables.append(name) }
        }
        let lookup = self.cpl.lookupTable
        if script.modules.contains("cpl-c"), !lookup.isEmpty, !self.contactTables.contains(lookup) {
            self.contactTables.append(lookup)
        }
        self.contactTables.sort { $0.lexicographicallyPrecedes($1) }
        self.modules = Self.databaseModules.intersection(script.modules)
        if self.usrloc.mode != .memory { self.modules.insert("usrloc") }
        if self.dispatcher.isStored { self.modules.insert("dispatcher") }
        if !self.accountingTables.isEmpty { self.modules.insert("acc") }
        for setting in script.moduleSettings
        where ["db_url", "avp_url", "cpl_db"].contains(setting.name) && self.modules.contains(setting.module)
            && !self.urls.contains(setting.value.text)
        {
            self.urls.append(setting.value.text)
        }
    }

    /// The database that the script itself means; `nil` where it names none.
    ///
    /// - Throws: ``StoreError``: several databases, or a kind that miniproxy has not.
    func location() throws(StoreError) -> DatabaseLocation? {
        guard let first = self.urls.first else { return nil }
        let names = Set(self.urls.map(DatabaseLocation.logicalName))
        guard names.count == 1 else {
            throw StoreError(
                .misconfigured,
                "the script names several databases (\(names.sorted().joined(separator: ", "))); say --db FILE or --db-url URL for all"
            )
        }
        return try DatabaseLocation(url: first)
    }
}

/// Values of module parameters: the script's, or the module's standard.
struct ModuleValues {
    let script: CheckedScript

    func text(_ module: String, _ name: String) -> String {
        if let value = self.script.setting(module, name) { return value.text }
        let standard = ModuleTable.module(named: module)?.parameter(named: name)?.standard ?? ""
        return standard.hasPrefix("\"") && standard.hasSuffix("\"") && standard.count > 1
            ? String(standard.dropFirst().dropLast()) : standard
    }

    func bytes(_ module: String, _ name: String) -> [UInt8] { Array(self.text(module, name).utf8) }
    func number(_ module: String, _ name: String) -> Int { Int(self.text(module, name)) ?? 0 }
    func isSet(_ module: String, _ name: String) -> Bool { self.number(module, name) != 0 }
}

struct UsrlocSettings: Sendable {
    enum Mode: Int, Sendable {
        case memory = 0
        case writeThrough, writeBack, databaseOnly
    }
    var mode = Mode.memory
    /// Seconds.
    var timerInterval = 60
    var useDomain = true
    var userColumn = "username"
    var domainColumn = "domain"
    var contactColumn = "contact"
    var expiresColumn = "expires"
    var qColumn = "q"
    var callIDColumn = "callid"
    var cSeqColumn = "cseq"
    var flagsColumn = "flags"
    var cflagsColumn = "cflags"
    var userAgentColumn = "user_agent"
    var receivedColumn = "received"
    var pathColumn = "path"
    var methodsColumn = "methods"
    var socketColumn = "socket"

    init() {}

    init(_ values: ModuleValues) {
        self.mode = Mode(rawValue: values.number("usrloc", "db_mode")) ?? .memory
        self.timerInterval = values.number("usrloc", "timer_interval")
        self.userColumn = values.text("usrloc", "user_column")
        self.domainColumn = values.text("usrloc", "domain_column")
        self.contactColumn = values.text("usrloc", "contact_column")
        self.expiresColumn = values.text("usrloc", "expires_column")
        self.qColumn = values.text("usrloc", "q_column")
        self.callIDColumn = values.text("usrloc", "callid_column")
        self.cSeqColumn = values.text("usrloc", "cseq_column")
        self.flagsColumn = values.text("usrloc", "flags_column")
        self.cflagsColumn = values.text("usrloc", "cflags_column")
        self.userAgentColumn = values.text("usrloc", "user_agent_column")
        self.receivedColumn = values.text("usrloc", "received_column")
        self.pathColumn = values.text("usrloc", "path_column")
        self.methodsColumn = values.text("usrloc", "methods_column")
        self.socketColumn = values.text("usrloc", "socket_column")
    }
}

struct URIDBSettings: Sendable {
    var usesTable = false
    var useDomain = false
    var uriTable = Array("uri".utf8)
    var uriUser = Array("username".utf8)
    var uriDomain = Array("domain".utf8)
    var uriURIUser = Array("uri_user".utf8)
    var subscriberTable = Array("subscriber".utf8)
    var subscriberUser = Array("username".utf8)
    var subscriberDomain = Array("domain".utf8)

    init() {}

    init(_ values: ModuleValues) {
        self.usesTable = values.isSet("uri_db", "use_uri_table")
        self.useDomain = values.isSet("uri_db", "use_domain")
        self.uriTable = values.bytes("uri_db", "uri_table")
        self.uriUser = values.bytes("uri_db", "uri_user_column")
        self.uriDomain = values.bytes("uri_db", "uri_domain_column")
        self.uriURIUser = values.bytes("uri_db", "uri_uriuser_column")
        self.subscriberTable = values.bytes("uri_db", "subscriber_table")
        self.subscriberUser = values.bytes("uri_db", "subscriber_user_column")
        self.subscriberDomain = values.bytes("uri_db", "subscriber_domain_column")
    }
}

struct DomainSettings: Sendable {
    /// `db_mode` 1: the table is kept in memory.
    var isKept = false
    var table = Array("domain".utf8)
    var column = Array("domain".utf8)

    init() {}

    init(_ values: ModuleValues) {
        // Kamailio keeps it always.
        self.isKept = values.isSet("domain", "db_mode") || values.script.dialect == .modern
        self.table = values.bytes("domain", "domain_table")
        self.column = values.bytes("domain", "domain_col")
    }
}

struct GroupSettings: Sendable {
    var useDomain = false
    var table = Array("grp".utf8)
    var user = Array("username".utf8)
    var domain = Array("domain".utf8)
    var group = Array("grp".utf8)

    init() {}

    init(_ values: ModuleValues) {
        self.useDomain = values.isSet("group", "use_domain")
        self.table = values.bytes("group", "table")
        self.user = values.bytes("group", "user_column")
        self.domain = values.bytes("group", "domain_column")
        self.group = values.bytes("group", "group_column")
    }
}

struct TrustedSettings: Sendable {
    /// `db_mode` 1: the table is kept in memory.
    var isKept = false
    /// Without a `db_url` nobody is trusted, as in SER.
    var hasURL = false
    var table = Array("trusted".utf8)
    var source = Array("src_ip".utf8)
    var transport = Array("proto".utf8)
    var from = Array("from_pattern".utf8)
    var allowFile = "permissions.allow"
    var denyFile = "permissions.deny"
    var allowSuffix = ".allow"
    var denySuffix = ".deny"
    var checksAllBranches = true
    var addressTable = Array("address".utf8)

    init() {}

    init(_ values: ModuleValues) {
        self.isKept = values.isSet("permissions", "db_mode")
        self.hasURL = values.script.setting("permissions", "db_url") != nil
        self.table = values.bytes("permissions", "trusted_table")
        self.source = values.bytes("permissions", "source_col")
        self.transport = values.bytes("permissions", "proto_col")
        self.from = values.bytes("permissions", "from_col")
        self.allowFile = values.text("permissions", "default_allow_file")
        self.denyFile = values.text("permissions", "default_deny_file")
        self.allowSuffix = values.text("permissions", "allow_suffix")
        self.denySuffix = values.text("permissions", "deny_suffix")
        self.addressTable = values.bytes("permissions", "address_table")
        self.checksAllBranches = values.isSet("permissions", "check_all_branches")
    }

    var columns: [[UInt8]] { [self.source, self.transport, self.from] }
}

struct PreferenceSettings: Sendable {
    var useDomain = false
    var table = Array("usr_preferences".utf8)
    var uuid = Array("uuid".utf8)
    var user = Array("username".utf8)
    var domain = Array("domain".utf8)
    var attribute = Array("attribute".utf8)
    var value = Array("value".utf8)
    var type = Array("type".utf8)

    init() {}

    init(_ values: ModuleValues) {
        self.useDomain = values.isSet("avpops", "use_domain")
        self.table = values.bytes("avpops", "avp_table")
        self.uuid = values.bytes("avpops", "uuid_column")
        self.user = values.bytes("avpops", "username_column")
        self.domain = values.bytes("avpops", "domain_column")
        self.attribute = values.bytes("avpops", "attribute_column")
        self.value = values.bytes("avpops", "value_column")
        self.type = values.bytes("avpops", "type_column")
    }
}

struct SpeedDialSettings: Sendable {
    var useDomain = false
    var user = Array("username".utf8)
    var domain = Array("domain".utf8)
    var dialledUser = Array("sd_username".utf8)
    var dialledDomain = Array("sd_domain".utf8)
    var newURI = Array("new_uri".utf8)

    init() {}

    init(_ values: ModuleValues) {
        self.useDomain = values.isSet("speeddial", "use_domain")
        self.user = values.bytes("speeddial", "user_column")
        self.domain = values.bytes("speeddial", "domain_column")
        self.dialledUser = values.bytes("speeddial", "sd_user_column")
        self.dialledDomain = values.bytes("speeddial", "sd_domain_column")
        self.newURI = values.bytes("speeddial", "new_uri_column")
    }
}

struct AliasDBSettings: Sendable {
    var useDomain = false
    var appendsBranches = false
    var user = Array("username".utf8)
    var domain = Array("domain".utf8)
    var aliasUser = Array("alias_username".utf8)
    var aliasDomain = Array("alias_domain".utf8)

    init() {}

    init(_ values: ModuleValues) {
        self.useDomain = values.isSet("alias_db", "use_domain")
        self.appendsBranches = values.isSet("alias_db", "append_branches")
        self.user = values.bytes("alias_db", "user_column")
        self.domain = values.bytes("alias_db", "domain_column")
        self.aliasUser = values.bytes("alias_db", "alias_user_column")
        self.aliasDomain = values.bytes("alias_db", "alias_domain_column")
    }
}
