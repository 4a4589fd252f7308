/// A setting of the top level of a script (LANGUAGE.md §3). Many change nothing here and are known so that scripts load as
/// they stand; `ScriptSettings` and `ScriptSockets` read those that do.
struct GlobalParameter: Sendable {
    let name: String
    let aliases: [String]
    let kind: Kind
    let sentence: String

    enum Kind: Sendable {
        case integer(ClosedRange<Int>)
        case text
        /// Words, hosts, sockets.
        case words
        /// Text or number, by version.
        case either
    }

    init(
        _ name: String, _ aliases: [String], _ kind: Kind, _ sentence: String
    ) {
        self.name = name
        self.aliases = aliases
        self.kind = kind
        self.sentence = sentence
    }

    init(_ name: String, _ kind: Kind, _ sentence: String) {
        self.init(name, [], kind, sentence)
    }

    static func named(_ name: String) -> GlobalParameter? {
        self.all.first { $0.name == name || $0.aliases.contains(name) }
    }

    static var names: [String] { self.all.flatMap { [$0.name] + $0.aliases } }

    static let all: [GlobalParameter] = [
        GlobalParameter("debug", .integer(-10...10), "Messages of this level and below are logged."),
        GlobalParameter("fork", .integer(0...1), "Go into the background."),
        GlobalParameter("log_stderror", .integer(0...1), "Log to standard error and not to syslog."),
        GlobalParameter("log_facility", .words, "The syslog facility."),
        GlobalParameter("log_name", .text, "The name in syslog."),
        GlobalParameter("log_prefix", .text, "A text before every log line."),
        GlobalParameter("log_prefix_mode", .integer(0...1), "When the prefix is made."),
        GlobalParameter("log_engine_type", .text, "How log lines are written."),
        GlobalParameter("log_engine_data", .text, "Options of the log engine."),
        GlobalParameter("listen", .words, "The sockets: `[proto:]host[:port]`."),
        GlobalParameter("port", .integer(1...65535), "The port of a socket that names none."),
        GlobalParameter("alias", .words, "Names that are us as well."),
        GlobalParameter("auto_aliases", .integer(0...1), "Find names of our addresses by DNS."),
        GlobalParameter("children", .integer(1...1024), "Worker processes of a socket."),
        GlobalParameter("socket_workers", .integer(0...1024), "Worker processes of the next socket."),
        GlobalParameter("dns", .integer(0...1), "Look up the host of a Via to decide about `received`."),
        GlobalParameter("rev_dns", .integer(0...1), "Look up the source address."),
        GlobalParameter("check_via", .integer(0...1), "Drop replies whose first Via is not ours."),
        GlobalParameter("syn_branch", .integer(0...1), "A constant branch in stateless forwarding."),
        GlobalParameter("fifo", .text, "The command FIFO."),
        GlobalParameter("fifo_db_url", .text, "The database of the FIFO's DB command."),
        GlobalParameter("fifo_dir", .text, "Where reply FIFOs must lie."),
        GlobalParameter(
            "fifo_mode", ["sock_mode", "file_mode"], .integer(0...0o777), "Permissions of FIFO and socket."),
        GlobalParameter("fifo_user", ["sock_user"], .either, "The owner of FIFO and socket."),
        GlobalParameter("fifo_group", ["sock_group"], .either, "The group of FIFO and socket."),
        GlobalParameter("unix_sock", .text, "The datagram control socket."),
        GlobalParameter("unix_sock_children", .integer(1...64), "Its processes."),
        GlobalParameter("unix_tx_timeout", .integer(0...100_000), "Its timeout."),
        GlobalParameter("sip_warning", .integer(0...2), "Add Warning 392 to our own replies."),
        GlobalParameter("server_signature", .integer(0...1), "Add Server to our own replies."),
        GlobalParameter("server_header", .text, "The whole Server header."),
        GlobalParameter("user_agent_header", .text, "The whole User-Agent header."),
        GlobalParameter("reply_to_via", .integer(0...1), "Replies go where the Via says."),
        GlobalParameter("mhomed", .integer(0...1), "Ask the kernel which socket sends."),
        GlobalParameter("user", ["uid"], .either, "Whom to become."),
        GlobalParameter("group", ["gid"], .either, "Which group to become."),
        GlobalParameter("chroot", .text, "A new root."),
        GlobalParameter("workdir", ["wdir"], .text, "The working directory."),
        GlobalParameter("disable_tcp", .integer(0...1), "No TCP."),
        GlobalParameter("tcp_children", .integer(0...1024), "Processes that read TCP."),
        GlobalParameter(
            "tcp_accept_aliases", .integer(0...1), "Use connections for the Via's address."),
        GlobalParameter("tcp_send_timeout", .integer(0...100_000), "Seconds to wait for a write."),
        GlobalParameter(
            "tcp_connect_timeout", .integer(0...100_000), "Seconds to wait for a connection."),
        GlobalParameter(
            "tcp_connection_lifetime", .integer(-1...1_000_000), "Seconds an idle connection stays."),
        GlobalParameter("tcp_max_connections", .integer(0...1_000_000), "Connections at one time."),
        GlobalParameter("tcp_poll_method", .words, "How the kernel is asked."),
        GlobalParameter("tcp_rd_buf_size", .integer(0...16_777_216), "Octets of a connection's buffer."),
        GlobalParameter("tcp_crlf_ping", .integer(0...1), "Answer keep-alives."),
        GlobalParameter("tcp_async", .integer(0...1), "Queue writes."),
        GlobalParameter("tcp_no_connect", .integer(0...1), "Never open a connection."),
        GlobalParameter("tcp_reuse_port", .integer(0...1), "SO_REUSEPORT."),
        GlobalParameter("tcp_keepalive", .integer(0...1), "SO_KEEPALIVE."),
        GlobalParameter("disable_tls", .integer(0...1), "No TLS."),
        GlobalParameter("enable_tls", .integer(0...1), "TLS."),
        GlobalParameter("enable_sctp", .integer(0...2), "SCTP."),
        GlobalParameter("tls_port_no", .integer(1...65535), "The port of TLS."),
        GlobalParameter("tls_method", .either, "The version of TLS."),
        GlobalParameter("tls_verify", .integer(0...1), "Ask for a certificate."),
        GlobalParameter("tls_require_certificate", .integer(0...1), "Insist on a certificate."),
        GlobalParameter("tls_certificate", .text, "Our certificate."),
        GlobalParameter("tls_private_key", .text, "Our key."),
        GlobalParameter("tls_ca_list", .text, "The authorities."),
        GlobalParameter("advertised_address", .words, "What Via and Record-Route say for the socket."),
        GlobalParameter("advertised_port", .integer(1...65535), "The port of it."),
        GlobalParameter("maxbuffer", .integer(0...1_073_741_824), "The receive buffer to ask for."),
        GlobalParameter("memlog", ["mem_log"], .integer(-10...10), "Log memory."),
        GlobalParameter("memdbg", .integer(-10...10), "Log memory."),
        GlobalParameter("mem_join", .integer(0...1), "Join memory."),
        GlobalParameter("mem_safety", .integer(0...1), "Check memory."),
        GlobalParameter("corelog", .integer(-10...10), "The level of the core's messages."),
        GlobalParameter("latency_log", .integer(-10...10), "The level of latency messages."),
        GlobalParameter("statistics", .text, "A file for statistics."),
        GlobalParameter("disable_core_dump", .integer(0...1), "No core dumps."),
        GlobalParameter("open_files_limit", .integer(0...10_000_000), "How many files may be open."),
        GlobalParameter("mcast_loopback", .integer(0...1), "Hear our own multicasts."),
        GlobalParameter("mcast_ttl", .integer(0...255), "How far multicasts go."),
        GlobalParameter("tos", .either, "The type of service of packets."),
        GlobalParameter("max_while_loops", .integer(0...1_000_000), "Rounds a `while` may have."),
        GlobalParameter("max_branches", .integer(1...31), "Branches of a transaction."),
        GlobalParameter("return_mode", .integer(0...2), "Whether `return 0` ends the script."),
        GlobalParameter("use_dns_cache", .integer(0...1), "Remember DNS answers."),
        GlobalParameter("use_dns_failover", .integer(0...1), "Try the next address."),
        GlobalParameter("dns_try_naptr", .integer(0...1), "Ask for NAPTR records."),
        GlobalParameter("dns_try_ipv6", .integer(0...1), "Ask for AAAA records."),
        GlobalParameter("dns_retr_time", .integer(0...1000), "Seconds to wait for DNS."),
        GlobalParameter("dns_retr_no", .integer(0...100), "How often to ask DNS."),
        GlobalParameter("dns_servers_no", .integer(0...100), "How many DNS servers to ask."),
        GlobalParameter("dns_use_search_list", .integer(0...1), "Append the search domains."),
        GlobalParameter("dns_cache_init", .integer(0...1), "Prepare the cache."),
        GlobalParameter("dst_blacklist_init", ["dst_blocklist_init"], .integer(0...1), "Prepare the block list."),
        GlobalParameter("use_dst_blacklist", ["use_dst_blocklist"], .integer(0...1), "Avoid dead targets."),
        GlobalParameter("shm_force_alloc", .integer(0...1), "Take memory at once."),
        GlobalParameter("mlock_pages", .integer(0...1), "Keep memory in."),
        GlobalParameter("pmtu_discovery", .integer(0...2), "Path MTU discovery."),
        GlobalParameter("udp_mtu", .integer(0...65535), "Larger requests go by TCP."),
        GlobalParameter("udp_mtu_try_proto", .words, "What they go by."),
        GlobalParameter("phone2tel", .integer(0...1), "Read `user=phone` as a tel: URI."),
        GlobalParameter("ip_free_bind", .integer(0...1), "Bind to addresses that are not here yet."),
        GlobalParameter("kemi.onsend_route_callback", .text, "The name of a function of another language."),
        GlobalParameter("onsend_route_reply", .integer(0...1), "Run onsend_route for replies as well."),
        GlobalParameter("xavp_via_params", .text, "Further Via parameters."),
        GlobalParameter("event_route_callback", .text, "Not used."),
        GlobalParameter("modinit_delay", .integer(0...10_000_000), "Not used."),
        GlobalParameter("async_workers", .integer(0...1024), "Not used: nothing here waits."),
        GlobalParameter("version_table", .text, "The table of schema versions."),
    ]
}
