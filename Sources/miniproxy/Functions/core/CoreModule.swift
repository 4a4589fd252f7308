extension ScriptModule {
    /// The commands of the language (LANGUAGE.md §9). Flags, `route`, `break`, `drop`, `return` and `exit` are
    /// instructions of the program and not functions.
    static let core = ScriptModule(
        "core", "The commands that need no module.",
        functions: [
            .log, .rewriteURI, .rewriteHost, .rewriteHostPort, .rewritePort, .rewriteUser, .rewriteUserPassword,
            .revertURI, .prefix, .strip, .stripTail, .appendBranch, .lengthGreater, .forceRport, .setFlag, .resetFlag,
            .isFlagSet, .forward, .forwardUDP, .forwardTCP, .forwardTLS, .send, .sendTCP, .errorCommand, .execCommand,
            .forceSendSocket, .setAdvertisedAddress, .setAdvertisedPort, .forceTCPAlias, .setDestinationURI,
            .resetDestinationURI, .isDestinationURISet, .removeBranch, .clearBranches, .setBranchFlag,
            .resetBranchFlag, .isBranchFlagSet, .setReplyClose, .setReplyNoConnect,
        ])
}

extension ScriptFunction {
    static let setFlag = ScriptFunction(
        "setflag", "Sets a flag of the message.",
        parameters: [Parameter("flag", .flag, "The flag, 0 to 31.")], routes: .all)
    static let resetFlag = ScriptFunction(
        "resetflag", "Clears a flag of the message.",
        parameters: [Parameter("flag", .flag, "The flag, 0 to 31.")], routes: .all)
    static let isFlagSet = ScriptFunction(
        "isflagset", "Whether a flag of the message is set.",
        parameters: [Parameter("flag", .flag, "The flag, 0 to 31.")], routes: .all)

    private static let target = [
        Parameter("host", .host, "Where to; `uri:host` is the host of the Request-URI.", optional: true),
        Parameter("port", .port, "Its port; `uri:port` is the port of the Request-URI.", optional: true),
    ]
    static let forward = ScriptFunction(
        "forward", "Sends the request on without state, to one destination.", parameters: target, routes: .all)
    static let forwardUDP = ScriptFunction(
        "forward_udp", "Like `forward`, over UDP.", parameters: target, routes: .all)
    static let forwardTCP = ScriptFunction(
        "forward_tcp", "Like `forward`, over TCP.", parameters: target, routes: .all)
    static let forwardTLS = ScriptFunction(
        "forward_tls", "Like `forward`, over TLS.", parameters: target, routes: .all)
    static let send = ScriptFunction(
        "send", "Sends the octets as they came, without a Via of ours.", parameters: target, routes: .all)
    static let sendTCP = ScriptFunction(
        "send_tcp", "Like `send`, over TCP.", parameters: target, routes: .all)
    static let errorCommand = ScriptFunction(
        "error", "Does nothing; old scripts have it.",
        parameters: [
            Parameter("first", .text, "Not used."), Parameter("second", .text, "Not used.", optional: true),
        ], routes: .all)
    static let execCommand = ScriptFunction(
        "exec", "Does nothing; old scripts have it.", parameters: [Parameter("command", .text, "Not used.")],
        routes: .all)
    static let forceSendSocket = ScriptFunction(
        "force_send_socket", "Chooses the socket that sends.",
        parameters: [Parameter("socket", .hostPort, "`[proto:]host[:port]`.")], routes: .all)
    static let setAdvertisedAddress = ScriptFunction(
        "set_advertised_address", "What Via and Record-Route of this message say for our address.",
        parameters: [Parameter("host", .host, "A host.")], routes: .all)
    static let setAdvertisedPort = ScriptFunction(
        "set_advertised_port", "What Via and Record-Route of this message say for our port.",
        parameters: [Parameter("port", .port, "A port.")], routes: .all)
    static let forceTCPAlias = ScriptFunction(
        "force_tcp_alias", aliases: ["add_tcp_alias"], "Uses this connection for the address of its Via, too.",
        parameters: [Parameter("port", .port, "Another port.", optional: true)], routes: .all)
    static let removeBranch = ScriptFunction(
        "remove_branch", "Removes a branch that was added.",
        parameters: [Parameter("index", .integer(0...31), "Which, from 0.")], routes: .all)
    static let clearBranches = ScriptFunction(
        "clear_branches", "Removes all branches that were added.", parameters: [], routes: .all)
    private static let branchFlag = [
        Parameter("flag", .flag, "The flag, 0 to 31."),
        Parameter("branch", .integer(0...31), "The branch, 0 if left out.", optional: true),
    ]
    static let setBranchFlag = ScriptFunction(
        "setbflag", aliases: ["setbranchflag"], "Sets a flag of a branch.", parameters: branchFlag, routes: .all)
    static let resetBranchFlag = ScriptFunction(
        "resetbflag", aliases: ["resetbranchflag"], "Clears a flag of a branch.", parameters: branchFlag, routes: .all)
    static let isBranchFlagSet = ScriptFunction(
        "isbflagset", aliases: ["isbranchflagset"], "Whether a flag of a branch is set.", parameters: branchFlag,
        routes: .all)
    static let setReplyClose = ScriptFunction(
        "set_reply_close", "Closes the connection after the reply.", parameters: [], routes: .all)
    static let setReplyNoConnect = ScriptFunction(
        "set_reply_no_connect", "Opens no connection for the reply.", parameters: [], routes: .all)
}
