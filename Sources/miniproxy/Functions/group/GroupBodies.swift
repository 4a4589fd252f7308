extension FunctionBodies {
    /// Of the functions in this folder.
    static let groupBodies: [String: Body] = [
        "is_user_in": Self.isUserIn
    ]
}
