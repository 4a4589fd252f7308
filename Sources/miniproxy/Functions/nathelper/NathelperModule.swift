extension ScriptModule {
    static let nathelper = ScriptModule(
        "nathelper", "Phones behind NAT: finding them, repairing what they write, their media.",
        parameters: [
            .number(
                "natping_interval", 0...100_000, 0, "Seconds between two packets that keep a NAT open; 0 for none."),
            .yesNo("ping_nated_only", 0, "Whether only contacts behind NAT are pinged."),
            ModuleParameter("received_avp", .either, "42", "The AVP with the real address of a contact."),
            .text("force_socket", "", "The socket that pings."), .text("sipping_from", "", "From of OPTIONS pings."),
            ModuleParameter("sipping_flag", .flag, "-1", "The flag of contacts that are pinged with OPTIONS."),
            ModuleParameter("sipping_bflag", .flag, "-1", "The branch flag of contacts that are pinged with OPTIONS."),
            .text("sipping_method", "OPTIONS", "The method of SIP pings."),
            .yesNo("natping_tcp", 0, "Not used: a connection keeps its NAT open by itself."),
            .number("natping_processes", 0...64, 1, "Not used."),
            .text("nortpproxy_str", "a=nortpproxy:yes\\r\\n", "Not used: the mark is always `a=nortpproxy:yes`."),
            .number("nat_addr_mode", 0...1, 1, "Not used: 10/8, 172.16/12, 192.168/16 and 100.64/10 are private."),
            .yesNo("udpping_from_path", 0, "Not used."),
            .number("keepalive_timeout", 0...100_000, 0, "Not used: a contact goes when it expires."),
        ] + rtpproxyParameters,
        functions: [
            .natTest, .fixNatedContact, .fixNatedRegister, .addReceivedParameter, .fixNatedSDP, .forceRTPProxy,
            .unforceRTPProxy, .isPrivateAddress, .setContactAlias, .handleURIAlias, .addContactAlias,
        ])

    static let rtpproxy = ScriptModule(
        "rtpproxy", "Media through rtpproxy, as Kamailio names the module.",
        parameters: rtpproxyParameters + [
            .text("nortpproxy_str", "a=nortpproxy:yes\\r\\n", "Not used: the mark is always `a=nortpproxy:yes`.")
        ],
        functions: [
            .forceRTPProxy, .unforceRTPProxy, .rtpproxyManage, .rtpproxyOffer, .rtpproxyAnswer, .rtpproxyDestroy,
        ])

    private static let rtpproxyParameters: [ModuleParameter] = [
        .text("rtpproxy_sock", "unix:/var/run/rtpproxy.sock", "Where rtpproxy listens; `udp:host:port` as well."),
        .yesNo("rtpproxy_disable", 0, "Whether there is none."),
        .number("rtpproxy_disable_tout", 0...1_000_000, 60, "Seconds until a dead one is tried again."),
        .number("rtpproxy_retr", 0...100, 5, "How often it is asked."),
        .number("rtpproxy_tout", 0...1000, 1, "Seconds to wait for its answer."),
    ]
}

extension ScriptFunction {
    static let natTest = ScriptFunction(
        "nat_uac_test", "Whether the sender is behind NAT, by the tests that are named.",
        parameters: [
            Parameter(
                "tests", .integer(0...1023),
                "The sum of: 1 Contact private, 2 source is not the Via's host, 4 Via private, 8 SDP private, 16 source port is not the Via's, 32 source private, 64 WebSocket, 128 source port is not the Contact's, 256 SDP is not the source, 512 Request-URI is not where it came."
            )
        ], routes: .messages, modern: .branch)
    static let fixNatedContact = ScriptFunction(
        "fix_nated_contact", "Writes the real address of the sender into its Contact.", parameters: [],
        routes: [.request, .onReply], modern: [.failure, .branch])
    static let fixNatedRegister = ScriptFunction(
        "fix_nated_register", "Remembers the real address of the sender for `save`.", parameters: [], routes: .request)
    static let addReceivedParameter = ScriptFunction(
        "add_rcv_param", "Adds the real address of the sender to its Contact as a parameter.",
        parameters: [Parameter("flag", .integer(0...1), "1: as a parameter of the URI.", optional: true)],
        routes: .request)
    static let fixNatedSDP = ScriptFunction(
        "fix_nated_sdp", "Changes the SDP of a sender behind NAT.",
        parameters: [
            Parameter(
                "changes", .integer(0...15),
                "The sum of: 1 `a=direction:active`, 2 source address into `c=`, 4 and 8 more of it."),
            Parameter("address", .text, "Another address.", optional: true),
        ], routes: .messages)
    private static let relayFlags = [
        Parameter(
            "flags", .letters("lraiefscowzRILWXn0123456789"),
            "`l` only for a known session, `a` asymmetric, `f` force, `r` trust the SDP.", optional: true),
        Parameter("address", .text, "The address to write.", optional: true),
    ]
    static let forceRTPProxy = ScriptFunction(
        "force_rtp_proxy", "Sends the media through the relay.", parameters: relayFlags, routes: [.request, .onReply],
        modern: [.failure, .branch])
    static let unforceRTPProxy = ScriptFunction(
        "unforce_rtp_proxy", "Ends the media session.", parameters: [],
        routes: [.request, .failure, .onReply, .branch])
    static let rtpproxyManage = ScriptFunction(
        "rtpproxy_manage", "Does for the media what the message asks for.", parameters: relayFlags,
        routes: [.request, .failure, .onReply, .branch])
    static let rtpproxyOffer = ScriptFunction(
        "rtpproxy_offer", "Sends the media of an offer through the relay.", parameters: relayFlags,
        routes: [.request, .failure, .onReply, .branch])
    static let rtpproxyAnswer = ScriptFunction(
        "rtpproxy_answer", "Sends the media of an answer through the relay.", parameters: relayFlags,
        routes: [.request, .failure, .onReply, .branch])
    static let rtpproxyDestroy = ScriptFunction(
        "rtpproxy_destroy", "Ends the media session.",
        parameters: [Parameter("flags", .text, "Flags.", optional: true)],
        routes: [.request, .failure, .onReply, .branch])
    static let isPrivateAddress = ScriptFunction(
        "is_rfc1918", "Whether an address is private.", parameters: [Parameter("address", .text, "The address.")],
        routes: .all)
    static let setContactAlias = ScriptFunction(
        "set_contact_alias", "Adds the real address of the sender to its Contact as `alias`.", parameters: [],
        routes: [.request, .failure, .onReply, .branch])
    static let addContactAlias = ScriptFunction(
        "add_contact_alias", "Adds an address to Contact as `alias`.",
        parameters: [
            Parameter("address", .text, "The address.", optional: true),
            Parameter("port", .port, "The port.", optional: true),
            Parameter("protocol", .text, "The protocol.", optional: true),
        ], routes: [.request, .failure, .onReply, .branch])
    static let handleURIAlias = ScriptFunction(
        "handle_ruri_alias", "Sends the request to the `alias` of its Request-URI.",
        parameters: [Parameter("mode", .integer(0...1), "Which alias.", optional: true)],
        routes: [.request, .failure, .onReply, .branch])
}
