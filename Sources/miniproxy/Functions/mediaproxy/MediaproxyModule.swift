extension ScriptModule {
    static let mediaproxy = ScriptModule(
        "mediaproxy", "Phones behind NAT, and their media through the relay.",
        parameters: [
            .text(
                "mediaproxy_socket", "/var/run/proxydispatcher.sock",
                "Where a dispatcher of media proxies listens; our own relay does its work."),
            .text(
                "sip_asymmetrics", "/etc/ser/sip-asymmetric-clients",
                "A file of User-Agents whose Contact has the right port."),
            .text(
                "rtp_asymmetrics", "/etc/ser/rtp-asymmetric-clients",
                "A file of User-Agents that do not listen where they send media from."),
            .number("natping_interval", 0...100_000, 60, "Seconds between two packets that keep a NAT open."),
            .yesNo("disable", 0, "Whether there is no relay."),
            .number("mediaproxy_timeout", 0...1_000_000, 500, "Not used."),
        ], functions: [.clientNatTest, .fixContact, .useMediaProxy, .endMediaSession, .engageMediaProxy])

    static let natTraversal = ScriptModule(
        "nat_traversal", "Phones behind NAT, kept reachable.",
        parameters: [
            .number("keepalive_interval", 1...100_000, 60, "Seconds between two keep-alives."),
            .text("keepalive_method", "NOTIFY", "Their method."), .text("keepalive_from", "", "Their From."),
            .text("keepalive_extra_headers", "", "Their further headers."),
            .text(
                "keepalive_state_file", "",
                "The file that remembers over a restart who is kept; without one nobody is remembered."),
        ], functions: [.clientNatTest, .fixContact, .natKeepalive])
}

extension ScriptFunction {
    static let clientNatTest = ScriptFunction(
        "client_nat_test", "Whether the sender is behind NAT, by the tests that are named.",
        parameters: [
            Parameter(
                "tests", .integer(0...7),
                "The sum of: 1 Contact private, 2 source is not the Via's host, 4 Via private.")
        ], routes: .messages, modern: .branch)
    static let fixContact = ScriptFunction(
        "fix_contact", "Writes the real address of the sender into its Contact.", parameters: [],
        routes: [.request, .onReply], modern: .branch)
    static let useMediaProxy = ScriptFunction(
        "use_media_proxy", "Sends the media through the relay.", parameters: [], routes: [.request, .onReply],
        modern: [.failure, .branch])
    static let endMediaSession = ScriptFunction(
        "end_media_session", "Ends the media session of the call.", parameters: [],
        routes: [.request, .failure, .onReply, .branch])
    static let engageMediaProxy = ScriptFunction(
        "engage_media_proxy", "Sends the media of the whole dialog through the relay.", parameters: [],
        routes: .request)
    static let natKeepalive = ScriptFunction(
        "nat_keepalive", "Keeps the sender's NAT open as long as its registration, subscription or call lasts.",
        parameters: [], routes: .request)
}
