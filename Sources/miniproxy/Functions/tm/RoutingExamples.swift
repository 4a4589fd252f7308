extension FunctionExamples {
    private static let plain = Example.Message.request()
    private static let inDialog = Example.Message.request(["To": "<sip:bob@example.org>;tag=2"])

    static let routing: [String: [Example]] = [
        "mf_process_maxfwd_header": [
            Example(
                "counts down", #"mf_process_maxfwd_header("10")"#, on: .request(["Max-Forwards": "7"]), gives: .yes,
                leaves: ["Max-Forwards": "6"]),
            Example(
                "writes the header where there is none", #"mf_process_maxfwd_header("10")"#, on: plain, gives: .yes,
                leaves: ["Max-Forwards": "10"]),
            Example(
                "is false at zero, so that the script can answer 483", #"mf_process_maxfwd_header("10")"#,
                on: .request(["Max-Forwards": "0"]), gives: .no),
        ],
        "is_maxfwd_lt": [
            Example(
                "is true below the number", #"is_maxfwd_lt("3")"#, on: .request(["Max-Forwards": "2"]), gives: .yes),
            Example("is false without the header", #"is_maxfwd_lt("3")"#, on: plain, gives: .no),
        ],
        "record_route": [
            Example(
                "writes our address and the caller's tag", "record_route()", on: plain, gives: .yes,
                leaves: ["Record-Route": "<sip:127.0.0.1;ftag=1;lr>"])
        ],
        "record_route_preset": [
            Example(
                "writes the preset with the user of the Request-URI",
                #"record_route_preset("192.0.2.13:5060;nat=yes")"#,
                on: plain, gives: .yes, leaves: ["Record-Route": "<sip:bob@192.0.2.13:5060;nat=yes;ftag=1;lr>"])
        ],
        "loose_route": [
            Example("is false without Route", "loose_route()", on: plain, gives: .no),
            Example(
                "takes our own Route away", "loose_route()",
                on: .request(["To": "<sip:bob@example.org>;tag=2", "Route": "<sip:127.0.0.1;lr>"]), gives: .yes,
                leaves: ["Route": nil]),
        ],
        "has_totag": [
            Example("is false for the first request of a dialog", "has_totag()", on: plain, gives: .no),
            Example("is true inside a dialog", "has_totag()", on: inDialog, gives: .yes),
        ],
        "uri_param": [
            Example(
                "sees a parameter", #"uri_param("transport", "TCP")"#, on: .request(uri: "sip:a@b;transport=tcp"),
                gives: .yes),
            Example("is false where there is none", #"uri_param("transport")"#, on: plain, gives: .no),
        ],
        "add_uri_param": [
            Example(
                "adds a parameter", #"add_uri_param("transport=tcp")"#, on: plain, gives: .yes,
                requestURI: "sip:bob@example.org;transport=tcp")
        ],
        "is_request": [Example("is true in a request", "is_request()", on: plain, gives: .yes)],
        "is_reply": [Example("is false in a request", "is_reply()", on: plain, gives: .no)],
        "is_user": [Example("is false where nobody was authenticated", #"is_user("alice")"#, on: plain, gives: .no)],
        "is_uri_host_local": [
            Example(
                "knows a domain that was named", "is_uri_host_local()", on: .request(uri: "sip:bob@Local.example"),
                gives: .yes),
            Example("is false for others", "is_uri_host_local()", on: plain, gives: .no),
        ],
        "is_from_local": [Example("is false for others", "is_from_local()", on: plain, gives: .no)],
        "is_domain_local": [
            Example("knows a domain that was named", #"is_domain_local("local.example")"#, on: plain, gives: .yes)
        ],
        "check_from": [Example("is false where nobody was authenticated", "check_from()", on: plain, gives: .no)],
        "check_to": [Example("is false where nobody was authenticated", "check_to()", on: plain, gives: .no)],
        "consume_credentials": [
            Example("is false where nobody was authenticated", "consume_credentials()", on: plain, gives: .no)
        ],
        "www_authorize": [
            Example("is false without credentials", #"www_authorize("", "subscriber")"#, on: plain, gives: .no)
        ],
        "proxy_authorize": [
            Example("is false without credentials", #"proxy_authorize("", "subscriber")"#, on: plain, gives: .no)
        ],
        "www_challenge": [Example("ends the block", #"www_challenge("", "0")"#, on: plain, gives: .stop)],
        "proxy_challenge": [Example("ends the block", #"proxy_challenge("", "1")"#, on: plain, gives: .stop)],
        "lookup": [Example("is false for a user who is not registered", #"lookup("location")"#, on: plain, gives: .no)],
        "registered": [
            Example("is false for a user who is not registered", #"registered("location")"#, on: plain, gives: .no)
        ],
        "does_uri_exist": [Example("is false for a user that nobody knows", "does_uri_exist()", on: plain, gives: .no)],
        "save": [Example("is false for other requests than REGISTER", #"save("location")"#, on: plain, gives: .no)],
        "sl_send_reply": [Example("is true", #"sl_send_reply("404", "Not Found")"#, on: plain, gives: .yes)],
        "sl_reply_error": [Example("is true", "sl_reply_error()", on: plain, gives: .yes)],
        "t_relay": [
            Example("is true", "t_relay()", on: plain, gives: .yes),
            Example("ends the block for the ACK of a 2xx", "t_relay()", on: .request(method: "ACK"), gives: .stop),
        ],
        "t_relay_to_udp": [Example("is true", #"t_relay_to_udp("192.0.2.9", "5070")"#, on: plain, gives: .yes)],
        "t_relay_to_tcp": [Example("is true", #"t_relay_to_tcp("192.0.2.9", "5070")"#, on: plain, gives: .yes)],
        "t_lookup_request": [Example("is false for a new request", "t_lookup_request()", on: plain, gives: .no)],
        "t_is_set": [Example("is false where none is named", #"t_is_set("failure_route")"#, on: plain, gives: .no)],
        "send_reply": [Example("is true", #"send_reply("404", "Not Found")"#, on: plain, gives: .yes)],
        "forward": [
            Example(
                "leaves the Request-URI", "forward(192.0.2.9, 5070)", on: plain, gives: .yes,
                requestURI: "sip:bob@example.org"),
            Example("follows the Request-URI", "forward(uri:host, uri:port)", on: plain, gives: .yes),
        ],
        "forward_udp": [Example("is true", #"forward_udp("192.0.2.9")"#, on: plain, gives: .yes)],
        "forward_tcp": [Example("is true", #"forward_tcp("192.0.2.9")"#, on: plain, gives: .yes)],
        "auth_challenge": [Example("ends the block", #"auth_challenge("", "0")"#, on: plain, gives: .stop)],
        "options_reply": [
            Example(
                "answers OPTIONS to us", "options_reply()", on: .request(method: "OPTIONS", uri: "sip:127.0.0.1"),
                gives: .yes),
            Example(
                "is false for OPTIONS to a user", "options_reply()",
                on: .request(method: "OPTIONS", uri: "sip:bob@127.0.0.1"), gives: .no),
        ],
        "t_relay_to_tls": [Example("is true", #"t_relay_to_tls("192.0.2.9", "5061")"#, on: plain, gives: .yes)],
        "t_relay_to": [Example("is true", #"t_relay_to("udp:192.0.2.9:5070")"#, on: plain, gives: .yes)],
        "t_forward_nonack": [
            Example("is true", #"t_forward_nonack("192.0.2.9", "5070")"#, on: plain, gives: .yes),
            Example("is false for ACK", "t_forward_nonack()", on: .request(method: "ACK"), gives: .no),
        ],
        "t_replicate": [
            Example(
                "takes host and port", #"t_replicate("192.0.2.9", "5060")"#, on: .request(method: "REGISTER"),
                gives: .yes),
            Example("takes a URI", #"t_replicate("sip:192.0.2.9")"#, on: plain, gives: .yes),
            Example("is false for ACK", #"t_replicate("sip:192.0.2.9")"#, on: .request(method: "ACK"), gives: .no),
        ],
        "t_release": [Example("is false without a transaction", "t_release()", on: plain, gives: .no)],
        "t_retransmit_reply": [
            Example("is false: a repeat never reaches a script", "t_retransmit_reply()", on: plain, gives: .no)
        ],
        "t_precheck_trans": [
            Example("is false: one request is worked on at a time", "t_precheck_trans()", on: plain, gives: .no)
        ],
        "t_on_branch": [Example("disarms", #"t_on_branch("0")"#, on: plain, gives: .yes)],
        "t_is_branch_route": [
            Example("is false where none is named", #"t_is_branch_route("0")"#, on: plain, gives: .no)
        ],
        "t_is_canceled": [Example("is false for a new request", "t_is_canceled()", on: plain, gives: .no)],
        "t_set_fr": [Example("sets both times", #"t_set_fr("60000", "5000")"#, on: plain, gives: .yes)],
        "t_branch_timeout": [
            Example(
                "is false where the branch was answered", "t_branch_timeout()", on: plain, gives: .no, in: .failure)
        ],
        "t_any_timeout": [
            Example(
                "is false before anything was sent", "t_any_timeout()", on: plain, gives: .no)
        ],
        "add_rr_param": [
            Example("is always true", #"add_rr_param(";nat=yes")"#, on: plain, gives: .yes)
        ],
        "check_route_param": [
            Example(
                "looks at our own Route", #"check_route_param("nat=yes")"#,
                on: .request(["To": "<sip:bob@example.org>;tag=2", "Route": "<sip:127.0.0.1;lr;nat=yes>"]), gives: .yes),
            Example(
                "not at another's", #"check_route_param("nat=yes")"#,
                on: .request(["Route": "<sip:192.0.2.1;lr;nat=yes>"]), gives: .no),
        ],
        "is_direction": [
            Example(
                "tells the caller's requests by the tag", #"is_direction("downstream")"#,
                on: .request(["Route": "<sip:127.0.0.1;ftag=1;lr>"]), gives: .yes),
            Example(
                "tells the callee's", #"is_direction("upstream")"#,
                on: .request(["Route": "<sip:127.0.0.1;ftag=other;lr>"]), gives: .yes),
            Example("knows nothing without a Route", #"is_direction("upstream")"#, on: plain, gives: .no),
        ],
        "tel2sip": [
            Example(
                "makes a sip: URI of a telephone number", "tel2sip()", on: .request(uri: "tel:+49-30-123"), gives: .yes,
                requestURI: "sip:+4930123@example.org;user=phone"),
            Example("leaves others alone", "tel2sip()", on: plain, gives: .yes, requestURI: "sip:bob@example.org"),
        ],
        "forward_tls": [Example("is true", #"forward_tls("192.0.2.9")"#, on: plain, gives: .yes)],
        "send": [Example("is true", #"send("192.0.2.9", 5070)"#, on: plain, gives: .yes)],
        "send_tcp": [Example("is true", #"send_tcp("192.0.2.9")"#, on: plain, gives: .yes)],
        "setbflag": [Example("sets a flag of the first branch", "setbflag(6)", on: plain, gives: .yes)],
        "resetbflag": [Example("is false where there is no such branch", "resetbflag(6, 3)", on: plain, gives: .no)],
        "isbflagset": [Example("is false for a new request", "isbflagset(6)", on: plain, gives: .no)],
        "remove_branch": [Example("is false where there is none", "remove_branch(0)", on: plain, gives: .no)],
        "starts_with": [
            Example("compares from the front", #"starts_with("0049", "00")"#, on: plain, gives: .yes),
            Example("minds the case", #"starts_with("ab", "A")"#, on: plain, gives: .no),
        ],
        "t_newtran": [Example("is true for a new request", "t_newtran()", on: plain, gives: .yes)],
        "t_reply": [Example("is false without a transaction", #"t_reply("404", "Not Found")"#, on: plain, gives: .no)],
        "t_on_failure": [Example("disarms", #"t_on_failure("0")"#, on: plain, gives: .yes)],
        "t_on_reply": [Example("disarms", #"t_on_reply("0")"#, on: plain, gives: .yes)],
        "t_check_status": [
            Example("is false where there is no status", #"t_check_status("408")"#, on: plain, gives: .no)
        ],
        "t_check_trans": [Example("is false without a transaction", "t_check_trans()", on: plain, gives: .no)],
    ]
}
