extension ScriptFunction {
    static let log = ScriptFunction(
        "log", "Writes a text to the log.",
        parameters: [
            Parameter("level", .integer(-10...10), "The level; 4, debugging, if left out.", optional: true),
            Parameter("text", .text, "The text."),
        ], routes: .all)
    static let rewriteURI = ScriptFunction(
        "rewriteuri", aliases: ["seturi"], "Replaces the Request-URI.",
        parameters: [Parameter("uri", .uri, "The new one.")], routes: .all)
    static let rewriteHost = ScriptFunction(
        "rewritehost", aliases: ["sethost", "seth"], "Replaces the host of the Request-URI; port and parameters stay.",
        parameters: [Parameter("host", .host, "The new host.")], routes: .all)
    static let rewriteHostPort = ScriptFunction(
        "rewritehostport", aliases: ["sethostport", "sethp"], "Replaces host and port of the Request-URI.",
        parameters: [Parameter("host:port", .hostPort, "The new host, and its port if there is to be one.")],
        routes: .all)
    static let rewritePort = ScriptFunction(
        "rewriteport", aliases: ["setport", "setp"], "Replaces the port of the Request-URI.",
        parameters: [Parameter("port", .port, "The new port.")], routes: .all)
    static let rewriteUser = ScriptFunction(
        "rewriteuser", aliases: ["setuser", "setu"], "Replaces the user of the Request-URI; a password stays.",
        parameters: [Parameter("user", .text, "The new user.")], routes: .all)
    static let rewriteUserPassword = ScriptFunction(
        "rewriteuserpass", aliases: ["setuserpass", "setup"], "Replaces user and password of the Request-URI.",
        parameters: [Parameter("user:password", .text, "The new ones.")], routes: .all)
    static let revertURI = ScriptFunction(
        "revert_uri", "Takes the Request-URI back to what was received.", parameters: [], routes: .all)
    static let prefix = ScriptFunction(
        "prefix", "Puts a text before the user of the Request-URI.",
        parameters: [Parameter("text", .text, "The text.")], routes: .all)
    static let strip = ScriptFunction(
        "strip", "Removes characters from the front of the Request-URI's user.",
        parameters: [Parameter("count", .integer(0...255), "How many.")], routes: .all)
    static let stripTail = ScriptFunction(
        "strip_tail", "Removes characters from the end of the Request-URI's user.",
        parameters: [Parameter("count", .integer(0...255), "How many.")], routes: .all)
    static let appendBranch = ScriptFunction(
        "append_branch", "Adds a branch to the destinations; without a URI a copy of the Request-URI.",
        parameters: [
            Parameter("uri", .uri, "Where to.", optional: true),
            Parameter("q", .q, "Its rank, 0 to 1.", optional: true),
        ], routes: .all)
    static let lengthGreater = ScriptFunction(
        "len_gt", "Whether the message has at least that many octets.",
        parameters: [Parameter("octets", .integer(0...65535), "How many; `max_len` is 65535.")], routes: .all)
    static let forceRport = ScriptFunction(
        "force_rport", aliases: ["add_rport"], "Treats the top Via as if it asked for `rport` (RFC 3581).",
        parameters: [], routes: .all)
    static let setDestinationURI = ScriptFunction(
        "setdsturi", "Says where the request goes, whatever its Request-URI.",
        parameters: [Parameter("uri", .uri, "Where to.")], routes: .all)
    static let resetDestinationURI = ScriptFunction(
        "resetdsturi", "Lets the request go where its Request-URI says.", parameters: [], routes: .all)
    static let isDestinationURISet = ScriptFunction(
        "isdsturiset", "Whether something said where the request goes.", parameters: [], routes: .all)
}
