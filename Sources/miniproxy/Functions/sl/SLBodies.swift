extension FunctionBodies {
    /// Of the functions in this folder.
    static let slBodies: [String: Body] = [
        "sl_send_reply": Self.slSendReply,
        "send_reply": Self.slSendReply,
        "sl_reply_error": Self.slReplyError,
    ]
}
