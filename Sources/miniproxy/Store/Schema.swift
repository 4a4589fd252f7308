/// The tables of one generation, as `miniproxy db create` makes them (DATABASE.md).
enum Schema: Sendable {
    /// SER 0.9.
    case old
    /// Kamailio.
    case new

    var tables: [TableDefinition] {
        switch self {
        case .old: Self.oldTables
        case .new: Self.newTables
        }
    }

    /// The statements that make all tables that are not there, and write down their versions.
    func steps(_ dialect: SQLDialect) -> [SQLStep] {
        var steps = Self.version.steps(dialect)
        for table in self.tables {
            steps += table.steps(dialect)
            // A table that is there already keeps its version.
            steps.append(
                SQLStep(
                    sql: "INSERT INTO `version` (`table_name`, `table_version`) SELECT ?, \(table.version) "
                        + "FROM (SELECT 1 AS one) AS dual_ WHERE NOT EXISTS "
                        + "(SELECT 1 FROM `version` WHERE `table_name` = ?)",
                    values: [Array(table.name.utf8), Array(table.name.utf8)]))
        }
        return steps
    }

    private static let version = TableDefinition(
        "version", 1, key: ["table_name"], [.text("table_name", 32), .integer("table_version")])

    private static let forEver = "'2030-05-28 21:32:15'"

    // MARK: SER 0.9

    private static func oldContacts(_ name: String) -> TableDefinition {
        TableDefinition(
            name, 6, key: ["username", "domain", "contact"],
            [
                .text("username", 64), .text("domain", 128), .text("contact", 255), .optional("received", 255),
                .datetime("expires", Self.forEver), .real("q", "1.0"), .text("callid", 255, "'Default-Call-ID'"),
                .integer("cseq", 42), .datetime("last_modified"), .integer("replicate"), .integer("state"),
                .integer("flags"), .text("user_agent", 50),
            ])
    }

    private static func oldAccounting(_ name: String) -> TableDefinition {
        TableDefinition(
            name, 2, key: [], indexes: [["username"], ["sip_callid"]],
            [
                .text("sip_from", 128), .text("sip_to", 128), .text("sip_status", 128), .text("sip_method", 16),
                .text("i_uri", 128), .text("o_uri", 128), .text("from_uri", 128), .text("to_uri", 128),
                .text("sip_callid", 128), .text("username", 64), .text("domain", 128), .text("fromtag", 128),
                .text("totag", 128), .datetime("time"), .datetime("timestamp"),
            ]
                + (name == "acc"
                    ? [.text("caller_deleted", 1, "'0'"), .text("callee_deleted", 1, "'0'")] : []))
    }

    private static let oldTables: [TableDefinition] = [
        TableDefinition(
            "subscriber", 5, key: ["username", "domain"],
            [
                .text("phplib_id", 32), .text("username", 64), .text("domain", 128), .text("password", 25),
                .text("first_name", 25), .text("last_name", 45), .text("phone", 15), .text("email_address", 50),
                .datetime("datetime_created"), .datetime("datetime_modified"), .text("confirmation", 64),
                .text("flag", 1, "'o'"), .text("sendnotification", 50), .text("greeting", 50), .text("ha1", 128),
                .text("ha1b", 128), .text("allow_find", 1, "'0'"), .optional("timezone", 128), .optional("rpid", 128),
                .integer("domn", nil), .optional("uuid", 64),
            ]),
        Self.oldContacts("location"),
        Self.oldContacts("aliases"),
        TableDefinition("domain", 1, key: ["domain"], [.text("domain", 128), .datetime("last_modified")]),
        TableDefinition(
            "trusted", 1, key: ["src_ip", "proto", "from_pattern"],
            [.text("src_ip", 39), .text("proto", 4), .text("from_pattern", 64)]),
        TableDefinition(
            "usr_preferences", 2, key: ["username", "domain", "attribute", "value"],
            [
                .text("uuid", 64), .text("username", 100), .text("domain", 128), .text("attribute", 32),
                .text("value", 128), .integer("type"), .datetime("modified"),
            ]),
        TableDefinition(
            "grp", 2, key: ["username", "domain", "grp"],
            [.text("username", 64), .text("domain", 128), .text("grp", 50), .datetime("last_modified")]),
        Self.oldAccounting("acc"),
        Self.oldAccounting("missed_calls"),
        TableDefinition(
            "uri", 1, key: ["username", "domain", "uri_user"],
            [.text("username", 64), .text("domain", 128), .text("uri_user", 50), .datetime("last_modified")]),
        TableDefinition(
            "speed_dial", 2, key: ["username", "domain", "sd_domain", "sd_username"],
            [
                .text("username", 64), .text("domain", 128), .text("sd_username", 64), .text("sd_domain", 128),
                .text("new_uri", 192), .text("fname", 128), .text("lname", 128), .text("description", 64),
            ]),
        Self.aliasTable,
        TableDefinition("cpl", 1, key: ["user"], [.text("user", 50), .longText("cpl_xml"), .longText("cpl_bin")]),
        TableDefinition(
            "gw", 3, key: ["gw_name"],
            [.text("gw_name", 128), .integer("ip_addr"), .integer("port", nil), .integer("grp_id")]),
        TableDefinition("gw_grp", 1, key: ["grp_id"], [.integer("grp_id"), .text("grp_name", 64)]),
        TableDefinition(
            "lcr", 1, key: [], indexes: [["prefix"]],
            [.text("prefix", 16), .text("from_uri", 128), .integer("grp_id"), .integer("priority")]),
    ]

    /// For alias_db; the same in both.
    private static let aliasTable = TableDefinition(
        "dbaliases", 1, key: ["alias_username", "alias_domain"], indexes: [["username", "domain"]],
        [.text("alias_username", 64), .text("alias_domain", 64), .text("username", 64), .text("domain", 64)])

    // MARK: Kamailio

    private static func newContacts(_ name: String) -> TableDefinition {
        TableDefinition(
            name, 9, key: ["ruid"], indexes: [["username", "domain", "contact"], ["expires"]],
            [
                .id, .text("ruid", 64), .text("username", 64), .optional("domain", 64), .text("contact", 512),
                .optional("received", 128), .optional("path", 512), .datetime("expires", Self.forEver),
                .real("q", "1.0"), .text("callid", 255, "'Default-Call-ID'"), .integer("cseq", 1),
                .datetime("last_modified", "'2000-01-01 00:00:01'"), .integer("flags"), .integer("cflags"),
                .text("user_agent", 255), .optional("socket", 64), .integer("methods", nil),
                .optional("instance", 255), .integer("reg_id"), .integer("server_id"), .integer("connection_id"),
                .integer("keepalive"), .integer("partition"),
            ])
    }

    private static func newAccounting(_ name: String, _ version: Int) -> TableDefinition {
        TableDefinition(
            name, version, key: [], indexes: [["callid"]],
            [
                .id, .text("method", 16), .text("from_tag", 128), .text("to_tag", 128), .text("callid", 255),
                .text("sip_code", 3), .text("sip_reason", 128), .datetime("time"),
            ])
    }

    private static let newTables: [TableDefinition] = [
        TableDefinition(
            "subscriber", 7, key: ["username", "domain"],
            [
                .id, .text("username", 64), .text("domain", 64), .text("password", 64), .text("ha1", 128),
                .text("ha1b", 128), .optional("email_address", 128), .optional("rpid", 128),
            ]),
        Self.newContacts("location"),
        Self.newContacts("aliases"),
        TableDefinition(
            "domain", 2, key: ["domain"],
            [.id, .text("domain", 64), .optional("did", 64), .datetime("last_modified")]),
        TableDefinition(
            "trusted", 6, key: [], indexes: [["src_ip"]],
            [
                .id, .text("src_ip", 50), .text("proto", 4), .optional("from_pattern", 64),
                .optional("ruri_pattern", 64), .optional("tag", 64), .integer("priority"),
            ]),
        TableDefinition(
            "address", 6, key: [],
            [
                .id, .integer("grp", 1), .text("ip_addr", 50), .integer("mask", 32), .integer("port"),
                .optional("tag", 64),
            ]),
        TableDefinition(
            "usr_preferences", 2, key: [], indexes: [["uuid", "attribute"], ["username", "domain", "attribute"]],
            [
                .id, .text("uuid", 64), .text("username", 128), .text("domain", 64), .text("attribute", 32),
                .integer("type"), .text("value", 128), .datetime("last_modified"),
            ]),
        TableDefinition(
            "grp", 2, key: ["username", "domain", "grp"],
            [.id, .text("username", 64), .text("domain", 64), .text("grp", 64), .datetime("last_modified")]),
        Self.newAccounting("acc", 5),
        Self.newAccounting("missed_calls", 4),
        TableDefinition(
            "acc_cdrs", 2, key: [],
            [.id, .datetime("start_time"), .datetime("end_time"), .real("duration", "0")]),
        TableDefinition(
            "uri", 1, key: ["username", "domain", "uri_user"],
            [.id, .text("username", 64), .text("domain", 64), .text("uri_user", 64), .datetime("last_modified")]),
        TableDefinition(
            "speed_dial", 2, key: ["username", "domain", "sd_domain", "sd_username"],
            [
                .id, .text("username", 64), .text("domain", 64), .text("sd_username", 64), .text("sd_domain", 64),
                .text("new_uri", 255), .text("fname", 64), .text("lname", 64), .text("description", 64),
            ]),
        Self.aliasTable,
        TableDefinition(
            "cpl", 1, key: ["username", "domain"],
            [.id, .text("username", 64), .text("domain", 64), .longText("cpl_xml"), .longText("cpl_bin")]),
        TableDefinition(
            "dispatcher", 4, key: [], indexes: [["setid"]],
            [
                .id, .integer("setid"), .text("destination", 192), .integer("flags"), .integer("priority"),
                .text("attrs", 128), .text("description", 64),
            ]),
        TableDefinition(
            "lcr_gw", 3, key: [], indexes: [["lcr_id"]],
            [
                .id, .integer("lcr_id"), .optional("gw_name", 128), .optional("ip_addr", 50), .optional("hostname", 64),
                .integer("port", nil), .optional("params", 64), .integer("uri_scheme", nil), .integer("transport", nil),
                .integer("strip", nil), .optional("prefix", 16), .optional("tag", 64), .integer("flags"),
                .integer("defunct", nil),
            ]),
        TableDefinition(
            "lcr_rule", 3, key: [], indexes: [["lcr_id", "prefix"]],
            [
                .id, .integer("lcr_id"), .optional("prefix", 16), .optional("from_uri", 64),
                .optional("request_uri", 64),
                .optional("mt_tvalue", 128), .integer("stopper"), .integer("enabled", 1),
            ]),
        TableDefinition(
            "lcr_rule_target", 1, key: ["rule_id", "gw_id"],
            [
                .id, .integer("lcr_id"), .integer("rule_id"), .integer("gw_id"), .integer("priority"),
                .integer("weight", 1),
            ]),
    ]
}
