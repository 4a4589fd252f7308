extension FunctionBodies {
    /// Of the functions in this folder.
    static let uriDBBodies: [String: Body] = [
        "check_to": Self.checkTo,
        "check_from": Self.checkFrom,
        "does_uri_exist": Self.doesURIExist,
    ]
}
