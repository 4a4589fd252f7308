extension FunctionBodies {
    /// Of the functions in this folder.
    static let moreBodies: [String: Body] = [
        "options_reply": Self.optionsReply
    ]
}
