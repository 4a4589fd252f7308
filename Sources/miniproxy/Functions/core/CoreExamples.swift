extension FunctionExamples {
    private static let withPort = Example.Message.request(uri: "sip:bob:secret@example.org:5070;transport=tcp")
    private static let plain = Example.Message.request(uri: "sip:12345@example.org")
    private static let telephone = Example.Message.request(uri: "tel:+4930123")

    static let core: [String: [Example]] = [
        "rewriteuri": [
            Example(
                "replaces the whole Request-URI", #"rewriteuri("sip:carol@192.0.2.9")"#, on: plain, gives: .yes,
                requestURI: "sip:carol@192.0.2.9")
        ],
        "rewritehost": [
            Example(
                "leaves port, password and parameters", #"rewritehost("example.net")"#, on: withPort, gives: .yes,
                requestURI: "sip:bob:secret@example.net:5070;transport=tcp"),
            Example(
                "is false for a URI that is not sip:", #"rewritehost("example.net")"#, on: telephone, gives: .no,
                requestURI: "tel:+4930123"),
        ],
        "rewritehostport": [
            Example(
                "takes the new port", #"rewritehostport("example.net:5080")"#, on: withPort, gives: .yes,
                requestURI: "sip:bob:secret@example.net:5080;transport=tcp"),
            Example(
                "drops the old port where none is given", #"rewritehostport("example.net")"#, on: withPort, gives: .yes,
                requestURI: "sip:bob:secret@example.net;transport=tcp"),
        ],
        "rewriteport": [
            Example(
                "changes the port alone", #"rewriteport("5090")"#, on: plain, gives: .yes,
                requestURI: "sip:12345@example.org:5090")
        ],
        "rewriteuser": [
            Example(
                "keeps a password", #"rewriteuser("carol")"#, on: withPort, gives: .yes,
                requestURI: "sip:carol:secret@example.org:5070;transport=tcp")
        ],
        "rewriteuserpass": [
            Example(
                "changes both", #"rewriteuserpass("carol:x")"#, on: withPort, gives: .yes,
                requestURI: "sip:carol:x@example.org:5070;transport=tcp")
        ],
        "revert_uri": [
            Example(
                "takes the Request-URI as it was received", "revert_uri()", on: plain, gives: .yes,
                requestURI: "sip:12345@example.org")
        ],
        "prefix": [
            Example("dials a digit more", #"prefix("0")"#, on: plain, gives: .yes, requestURI: "sip:012345@example.org")
        ],
        "strip": [
            Example("removes the first digits", "strip(2)", on: plain, gives: .yes, requestURI: "sip:345@example.org"),
            Example(
                "leaves no user where there were fewer, and is still true", "strip(9)", on: plain, gives: .yes,
                requestURI: "sip:example.org"),
        ],
        "strip_tail": [
            Example(
                "removes the last digits", "strip_tail(2)", on: plain, gives: .yes, requestURI: "sip:123@example.org")
        ],
        "append_branch": [
            Example("adds a destination", #"append_branch("sip:carol@192.0.2.9", "0.5")"#, on: plain, gives: .yes),
            Example("adds a copy of the Request-URI", "append_branch()", on: plain, gives: .yes),
        ],
        "clear_branches": [Example("is always true", "clear_branches()", on: plain, gives: .yes)],
        "len_gt": [
            Example("is false for an ordinary request", "len_gt(max_len)", on: plain, gives: .no),
            Example("is true from that length on", "len_gt(100)", on: plain, gives: .yes),
        ],
        "log": [Example("is always true", #"log(1, "a call\n")"#, on: plain, gives: .yes)],
        "force_tcp_alias": [Example("is true over UDP, and does nothing", "force_tcp_alias()", on: plain, gives: .yes)],
        "set_reply_close": [Example("is always true", "set_reply_close()", on: plain, gives: .yes)],
        "set_reply_no_connect": [Example("is always true", "set_reply_no_connect()", on: plain, gives: .yes)],
        "setflag": [Example("is always true", "setflag(5)", on: plain, gives: .yes)],
        "resetflag": [Example("is true also where the flag was not set", "resetflag(5)", on: plain, gives: .yes)],
        "isflagset": [Example("is false for a flag that nobody set", "isflagset(5)", on: plain, gives: .no)],
        "force_rport": [Example("is always true", "force_rport()", on: plain, gives: .yes)],
        "setdsturi": [
            Example(
                "leaves the Request-URI", #"setdsturi("sip:192.0.2.9:5080")"#, on: plain, gives: .yes,
                requestURI: "sip:12345@example.org")
        ],
        "isdsturiset": [Example("is false where nobody said where to", "isdsturiset()", on: plain, gives: .no)],
        "resetdsturi": [Example("is always true", "resetdsturi()", on: plain, gives: .yes)],
        "set_advertised_address": [
            Example("is true for a name", #"set_advertised_address("sip.example.org")"#, on: plain, gives: .yes)
        ],
        "force_send_socket": [
            Example(
                "is true for a socket of ours", "force_send_socket(udp:127.0.0.1:5060)", on: plain, gives: .yes),
            Example(
                "is false for an address that is not ours", "force_send_socket(192.0.2.200)", on: plain, gives: .no),
        ],
        "set_advertised_port": [Example("is true for a port", #"set_advertised_port(5070)"#, on: plain, gives: .yes)],
        "error": [Example("does nothing", #"error("a", "b")"#, on: plain, gives: .yes)],
        "exec": [Example("does nothing", #"exec("a")"#, on: plain, gives: .yes)],
    ]
}
