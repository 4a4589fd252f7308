/// All modules, by the names that scripts load them under.
enum ModuleTable {
    /// Loaded without being asked for: the commands of the language itself.
    static let core = ScriptModule.core

    static let all: [ScriptModule] = [
        .sl, .tm, .rr, .maxfwd, .usrloc, .registrar, .auth, .authDB, .uri, .uriDB, .siputils, .domain, .permissions,
        .textops, .nathelper, .rtpproxy, .mediaproxy, .natTraversal, .avpops, .acc, .group, .xlog, .cpl, .speeddial,
        .aliasDB, .uac, .lcr, .dispatcher, .options, .exec, .databases,
    ]

    /// Modules of SER, OpenSER and Kamailio that do nothing here: loading one is a warning, since a script may load more
    /// than it calls.
    static let known: Set<String> = [
        "jabber", "enum", "ext", "im", "msilo", "pa", "pdt", "pike", "print", "radius_acc", "auth_radius",
        "group_radius", "uri_radius", "avp_radius", "misc_radius", "vm", "xmlrpc", "tls", "tlsops", "statistics",
        "mi_fifo", "mi_datagram", "mi_xmlrpc", "mi_rpc", "presence", "presence_xml", "presence_mwi",
        "presence_dialoginfo", "pua", "pua_usrloc", "pua_mi", "pua_bla", "rls", "xcap_client", "xcap_server", "dialog",
        "dialplan", "drouting", "carrierroute", "cfgutils", "diversion", "domainpolicy", "gflags", "h350", "htable",
        "imc", "ldap", "path", "peering", "perl", "perlvdb", "pv", "pv_headers", "qos", "ratelimit", "seas", "sms",
        "snmpstats", "sst", "userblacklist", "xmpp", "auth_diameter", "uac_redirect", "jsonrpcs", "ctl", "kex", "corex",
        "tmx", "cfg_rpc", "counters", "debugger", "sanity", "sqlops", "sdpops", "textopsx", "rtpengine", "rtimer",
        "mtree", "ipops", "outbound", "websocket", "xhttp", "xhttp_prom", "topoh", "topos", "usrloc_db", "uuid", "stun",
        "statsd", "tcpops", "tmrec", "app_lua", "app_python3", "regex", "uid_domain", "blst", "prefix_route",
        "db_cluster", "nosip", "siptrace", "evapi", "http_client", "async", "auth_ephemeral", "crypto", "dmq",
        "dmq_usrloc", "erlang", "geoip", "geoip2", "json", "jansson", "nathelper_old", "ndb_redis", "pipelimit", "ruxc",
        "secfilter", "sipcapture", "sipdump", "slack", "tls_wolfssl", "uid_auth_db", "utils", "xprint", "timer",
        "benchmark", "callcontrol", "call_control", "b2bua", "b2b_entities", "b2b_logic", "load_balancer",
        "rtpproxy-ng",
        "osp", "identity", "iptrtpproxy", "mangler", "maxload", "mediaproxy-ng", "rr_old", "oob", "msrp",
    ]

    /// The module of a path such as `/usr/local/lib/ser/modules/sl.so` or `modules/tm/tm.so`.
    static func name(ofPath path: String) -> String {
        var name = path.split(separator: "/").last.map(String.init) ?? path
        if name.hasSuffix(".so") { name.removeLast(3) }
        return name
    }

    static func module(named name: String) -> ScriptModule? {
        self.all.first { $0.name == name || $0.aliases.contains(name) }
    }

    /// The modules that export a function.
    static func modules(exporting function: String) -> [ScriptModule] {
        self.all.filter { $0.function(named: function) != nil }
    }

    /// Every name that a script may call, for "did you mean".
    static var functionNames: [String] {
        ([self.core] + self.all).flatMap { $0.functions.flatMap { [$0.name] + $0.aliases } }
    }
}
