extension FunctionBodies {
    /// Of the functions in this folder.
    static let speedDialBodies: [String: Body] = [
        "sd_lookup": Self.speedDialLookup
    ]
}
