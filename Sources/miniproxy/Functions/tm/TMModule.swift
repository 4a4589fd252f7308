extension ScriptModule {
    static let tm = ScriptModule(
        "tm", "Transactions: forwarding with state, replies, timers.",
        parameters: [
            .number(
                "fr_timer", 1...3_600_000, 30, "How long to wait for a first reply: seconds, or milliseconds from 1000."
            ),
            .number("fr_inv_timer", 1...3_600_000, 120, "How long to wait for the final reply to an INVITE."),
            .number("wt_timer", 0...3_600_000, 5, "How long a finished transaction stays."),
            .number("delete_timer", 0...3_600_000, 2, "Not used: nothing is deleted late."),
            .number(
                "retr_timer1p1", 0...3_600_000, 1,
                "Not used: requests are sent again as RFC 3261 says, 500 ms at first."),
            .number("retr_timer1p2", 0...3_600_000, 2, "Not used."),
            .number("retr_timer1p3", 0...3_600_000, 4, "Not used."),
            .number("retr_timer1", 0...3_600_000, 500, "Not used: T1 is 500 ms."),
            .number("retr_timer2", 0...3_600_000, 4, "Not used: T2 is 4 s."),
            .number("max_inv_lifetime", 0...10_000_000, 180_000, "Not used: `fr_inv_timer` ends an INVITE."),
            .number("max_noninv_lifetime", 0...10_000_000, 32_000, "Not used: `fr_timer` ends other requests."),
            .yesNo("noisy_ctimer", 0, "Not used: an INVITE that times out is always answered 408."),
            .yesNo("restart_fr_on_each_reply", 1, "Not used: each provisional reply starts the timer again."),
            ModuleParameter(
                "fr_timer_avp", .text, "\"callee_fr_timer\"", "The AVP with another `fr_timer`, in seconds."),
            ModuleParameter(
                "fr_inv_timer_avp", .text, "\"callee_fr_inv_timer\"", "The AVP with another `fr_inv_timer`, in seconds."
            ),
            .yesNo("ruri_matching", 1, "Not used: transactions match as RFC 3261 says."),
            .yesNo("via1_matching", 1, "Not used."),
            .number("unix_tx_timeout", 0...100_000, 2, "Not used."),
            .text("tw_append", "", "Not used."),
            .yesNo("failure_reply_mode", 0, "Not used."), .number("failure_reply_mode", 0...3, 0, "Not used."),
            .yesNo("auto_inv_100", 1, "Not used: an INVITE that is relayed is always answered 100."),
            .text("auto_inv_100_reason", "trying -- your call is important to us", "The phrase of it."),
            .yesNo("reparse_invite", 1, "Not used."), .yesNo("cancel_b_method", 1, "Not used."),
            .text("ac_extra_hdrs", "", "Not used."), .yesNo("pass_provisional_replies", 0, "Not used."),
            .number("cancel_b_method", 0...2, 1, "Not used."), .yesNo("local_ack_mode", 0, "Not used."),
            .text("contacts_avp", "", "Not used."), .text("contact_flows_avp", "", "Not used."),
        ],
        functions: [
            .relay, .relayToUDP, .relayToTCP, .relayToTLS, .relayTo, .newTransaction, .transactionReply, .onFailure,
            .onReply, .onBranch, .checkStatus, .checkTransaction, .replicate, .lookupRequest, .retransmitReply,
            .releaseTransaction, .forwardNonACK, .isSet, .isCanceled, .setTimers, .anyTimeout, .branchTimeout,
            .precheckTransaction, .isBranchRoute,
        ])
}

extension ScriptFunction {
    static let relay = ScriptFunction(
        "t_relay", "Forwards the request with a transaction.",
        parameters: [
            Parameter("host", .text, "Another destination, or flags.", optional: true),
            Parameter("port", .port, "Its port.", optional: true),
        ], routes: .requests)
    private static let target = [Parameter("host", .host, "Where to."), Parameter("port", .port, "Its port.")]
    static let relayToUDP = ScriptFunction(
        "t_relay_to_udp", "Forwards the request to this host over UDP; the Request-URI stays.", parameters: target,
        routes: .requests)
    static let relayToTCP = ScriptFunction(
        "t_relay_to_tcp", "Forwards the request to this host over TCP.", parameters: target, routes: .requests)
    static let relayToTLS = ScriptFunction(
        "t_relay_to_tls", "Forwards the request to this host over TLS.", parameters: target, routes: .requests)
    static let relayTo = ScriptFunction(
        "t_relay_to", "Forwards the request to a proxy.",
        parameters: [
            Parameter("proxy", .text, "`proto:host:port`, or flags.", optional: true),
            Parameter("flags", .text, "Flags.", optional: true),
        ], routes: .requests)
    static let newTransaction = ScriptFunction(
        "t_newtran", "Makes the transaction without forwarding; ends the block for a retransmission.", parameters: [],
        routes: .request)
    static let transactionReply = ScriptFunction(
        "t_reply", aliases: ["t_send_reply"], "Replies through the transaction.",
        parameters: [
            Parameter("code", .status(100...699), "The status code."), Parameter("reason", .text, "The reason phrase."),
        ], routes: .requests, modern: [.onReply, .error])
    static let onFailure = ScriptFunction(
        "t_on_failure", "Names the failure block that runs when all branches have failed.",
        parameters: [Parameter("block", .block(.failure), "The block; \"0\" for none.")], routes: .messages,
        modern: .branch)
    static let onReply = ScriptFunction(
        "t_on_reply", "Names the onreply block that sees the replies.",
        parameters: [Parameter("block", .block(.onReply), "The block; \"0\" for none.")], routes: .messages,
        modern: .branch)
    static let onBranch = ScriptFunction(
        "t_on_branch", "Names the branch block that runs before each branch is sent.",
        parameters: [Parameter("block", .block(.branch), "The block; \"0\" for none.")], routes: .messages)
    static let checkStatus = ScriptFunction(
        "t_check_status", "Whether the status code matches an expression.",
        parameters: [Parameter("expression", .pattern(lines: true), "An expression for the three digits.")],
        routes: [.request, .failure, .onReply, .branch])
    static let checkTransaction = ScriptFunction(
        "t_check_trans", "Whether there is a transaction for the request; ends the script for a retransmission.",
        parameters: [], routes: [.request, .branch], modern: [.onReply, .failure])
    static let precheckTransaction = ScriptFunction(
        "t_precheck_trans", "Whether another worker is at this request now.", parameters: [], routes: .request)
    static let replicate = ScriptFunction(
        "t_replicate", aliases: ["t_replicate_udp", "t_replicate_tcp", "t_replicate_tls"],
        "Sends a copy of the request to another server and keeps its replies to itself.",
        parameters: [
            Parameter("host", .text, "Where to: a host or a URI."),
            Parameter("port", .port, "Its port.", optional: true),
        ], routes: .request)
    static let lookupRequest = ScriptFunction(
        "t_lookup_request", "Whether there is a transaction for the request.", parameters: [], routes: .request)
    static let retransmitReply = ScriptFunction(
        "t_retransmit_reply", "Sends the last reply again.", parameters: [], routes: .request)
    static let releaseTransaction = ScriptFunction(
        "t_release", "Ends the transaction that `t_newtran` made.", parameters: [], routes: .request)
    static let forwardNonACK = ScriptFunction(
        "t_forward_nonack",
        aliases: ["t_forward_nonack_udp", "t_forward_nonack_tcp", "t_forward_nonack_tls", "t_forward_nonack_uri"],
        "Forwards the request with state, whatever it is.",
        parameters: [
            Parameter("host", .host, "Where to.", optional: true),
            Parameter("port", .port, "Its port.", optional: true),
        ], routes: .request)
    static let isSet = ScriptFunction(
        "t_is_set", "Whether a block of this kind is named for the transaction.",
        parameters: [Parameter("kind", .word(["branch_route", "failure_route", "onreply_route"]), "The kind.")],
        routes: .all)
    static let isCanceled = ScriptFunction(
        "t_is_canceled", "Whether the transaction was cancelled.", parameters: [], routes: .messages)
    static let setTimers = ScriptFunction(
        "t_set_fr", "Sets the timers of this transaction, in milliseconds.",
        parameters: [
            Parameter("invite", .integer(0...3_600_000), "In place of `fr_inv_timer`."),
            Parameter("first", .integer(0...3_600_000), "In place of `fr_timer`.", optional: true),
        ], routes: [.request, .failure, .onReply, .branch])
    static let anyTimeout = ScriptFunction(
        "t_any_timeout", "Whether a branch timed out.", parameters: [], routes: .messages)
    static let branchTimeout = ScriptFunction(
        "t_branch_timeout", "Whether the winning branch timed out.", parameters: [], routes: .failure)
    static let isBranchRoute = ScriptFunction(
        "t_is_branch_route", "Whether this branch block is named for the transaction.",
        parameters: [Parameter("block", .block(.branch), "The block.")], routes: .messages)
}
