extension FunctionBodies {
    /// Of the functions in this folder.
    static let uriBodies: [String: Body] = [
        "has_totag": Self.hasToTag,
        "is_method": Self.isMethod,
        "uri_param": Self.uriParameter,
        "add_uri_param": Self.addURIParameter,
        "is_request": Self.isRequest,
        "is_reply": Self.isReply,
        "tel2sip": Self.telToSIP,
        "is_user": Self.isUser,
    ]
}
