/// The policy of a miniproxy that was given no script: our own, in the same language, printed by `miniproxy default-script`.
enum DefaultScript {
    static let name = "default-script"
    /// Defined when users with passwords were given: whoever says to be one of us has to prove it.
    static let authentication = "WITH_USERS"
    /// Defined when a database was named: contacts are kept in it.
    static let database = "WITH_DATABASE"

    static let text = #"""
        # What miniproxy does when it is given no script: a registrar and a record-routing proxy.
        # Print it with `miniproxy default-script`, change it, and run it with `miniproxy -f FILE`.
        # WITH_USERS is defined when --user was given, WITH_DATABASE with --db and --db-url.

        loadmodule "sl.so"
        loadmodule "tm.so"
        loadmodule "rr.so"
        loadmodule "maxfwd.so"
        loadmodule "usrloc.so"
        loadmodule "registrar.so"
        loadmodule "textops.so"
        loadmodule "uri.so"
        loadmodule "uri_db.so"
        loadmodule "auth.so"
        loadmodule "auth_db.so"

        modparam("usrloc", "use_domain", 1)
        modparam("registrar", "use_domain", 1)
        #!ifdef WITH_DATABASE
        modparam("usrloc", "db_mode", 1)
        #!endif

        route {
            # A request that has gone too far, or that would not fit into a datagram with our own lines in it.
            if (!mf_process_maxfwd_header("70")) {
                sl_send_reply("483", "Too Many Hops");
                exit;
            }
            if (msg:len > 64000) {
                sl_send_reply("513", "Message Too Large");
                exit;
            }

            # Answers go back to where the request came from, through every NAT.
            force_rport();

            # Is it alive?
            if (method == "OPTIONS" && uri == myself && uri =~ "^sips?:[^@]*$") {
                sl_send_reply("200", "OK");
                exit;
            }

            # Inside a dialog, the route set leads the way.
            if (has_totag()) {
                if (loose_route()) {
                    t_relay();
                    exit;
                }
                # A phone that forgot its route set still finds our users.
                if (uri == myself && lookup("location")) {
                    t_relay();
                    exit;
                }
                if (method == "ACK") {
                    if (t_check_trans()) { t_relay(); }
                    exit;
                }
                sl_send_reply("404", "Not Here");
                exit;
            }

            if (method == "CANCEL") {
                if (t_check_trans()) {
                    t_relay();
                    exit;
                }
                sl_send_reply("481", "Call/Transaction Does Not Exist");
                exit;
            }

            # Our own Route line is taken off; whoever brings further ones tries to choose the way for us.
            if (loose_route()) {
                if (method != "ACK") { sl_send_reply("403", "Preloaded Route Refused"); }
                exit;
            }

            if (method == "REGISTER") {
        #!ifdef WITH_USERS
                if (!www_authorize("", "subscriber")) {
                    www_challenge("", "1");
                    exit;
                }
                if (!check_to()) {
                    sl_send_reply("403", "Register Only Yourself");
                    exit;
                }
                consume_credentials();
        #!endif
                if (!save("location")) { sl_reply_error(); }
                exit;
            }

        #!ifdef WITH_USERS
            # Whoever says to be one of us has to prove it.
            if (from_uri == myself) {
                if (!proxy_authorize("", "subscriber")) {
                    proxy_challenge("", "1");
                    exit;
                }
                if (!check_from()) {
                    sl_send_reply("403", "Use Your Own From");
                    exit;
                }
                consume_credentials();
                setflag(1);
            }
        #!endif

            if (method == "INVITE" || method == "SUBSCRIBE" || method == "REFER") { record_route(); }

            if (lookup("location")) {
                if (!t_relay()) { sl_reply_error(); }
                exit;
            }
            if (uri == myself) {
                if (does_uri_exist()) {
                    sl_send_reply("480", "Temporarily Unavailable");
                } else {
                    sl_send_reply("404", "Not Found");
                }
                exit;
            }

            # To other places only for those on this machine and those who have shown a password: no open relay.
            if (src_ip == myself || isflagset(1)) {
                if (!t_relay()) { sl_reply_error(); }
                exit;
            }
            sl_send_reply("403", "Relaying Refused");
        }

        """#
}
