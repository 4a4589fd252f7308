extension FunctionBodies {
    /// Of the functions in this folder.
    static let aliasDBBodies: [String: Body] = [
        "alias_db_lookup": Self.aliasDBLookup
    ]
}
