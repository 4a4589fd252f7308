extension ScriptModule {
    static let sl = ScriptModule(
        "sl", "Replies without state.",
        parameters: [
            .number("default_code", 100...699, 500, "The code of `sl_reply_error` when nothing better is known."),
            .text("default_reason", "Internal Server Error", "Its reason."),
            .yesNo("bind_tm", 1, "Reply through a transaction where there is one."),
        ], functions: [.slSendReply, .sendReply, .slReplyError])
}

extension ScriptFunction {
    private static let reply = [
        Parameter("code", .status(100...699), "The status code."), Parameter("reason", .text, "The reason phrase."),
    ]
    static let slSendReply = ScriptFunction(
        "sl_send_reply", "Replies to the request without making a transaction.", parameters: reply, routes: .request,
        modern: [.failure, .onReply, .error, .event])
    static let sendReply = ScriptFunction(
        "send_reply", aliases: ["sl_reply"],
        "Replies to the request, through its transaction where there is one.", parameters: reply, routes: .request,
        modern: [.failure, .onReply, .error, .event])
    static let slReplyError = ScriptFunction(
        "sl_reply_error", "Replies with what the error of the last failed function means.", parameters: [],
        routes: .request, modern: [.failure, .onReply, .error])
}
