extension FunctionBodies {
    /// Of the functions in this folder.
    static let uacBodies: [String: Body] = [
        "uac_replace_from": Self.replaceFrom,
        "uac_restore_from": Self.restoreFrom,
        "uac_auth": Self.uacAuth,
    ]
}
