extension FunctionBodies {
    /// Of the functions in this folder.
    static let registrarBodies: [String: Body] = [
        "save": Self.save,
        "lookup": Self.lookup,
        "registered": Self.registered,
    ]
}
