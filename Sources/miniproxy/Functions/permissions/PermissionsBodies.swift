extension FunctionBodies {
    /// Of the functions in this folder.
    static let permissionsBodies: [String: Body] = [
        "allow_trusted": Self.allowTrusted,
        "allow_routing": Self.allowRouting,
        "allow_register": Self.allowRegister,
        "allow_uri": Self.allowURI,
        "allow_source_address": Self.allowSourceAddress,
        "allow_address": Self.allowAddress,
    ]
}
