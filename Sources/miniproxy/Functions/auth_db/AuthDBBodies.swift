extension FunctionBodies {
    /// Of the functions in this folder.
    static let authDBBodies: [String: Body] = [
        "auth_check": Self.authCheck
    ]
}
