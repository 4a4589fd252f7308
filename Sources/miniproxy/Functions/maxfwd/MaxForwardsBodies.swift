extension FunctionBodies {
    /// Of the functions in this folder.
    static let maxForwardsBodies: [String: Body] = [
        "mf_process_maxfwd_header": Self.processMaxForwards,
        "is_maxfwd_lt": Self.isMaxForwardsLess,
    ]
}
