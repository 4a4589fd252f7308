extension FunctionBodies {
    /// Of the functions in this folder.
    static let domainBodies: [String: Body] = [
        "is_uri_host_local": Self.isURIHostLocal,
        "is_from_local": Self.isFromLocal,
        "is_domain_local": Self.isDomainLocal,
        "lookup_domain": Self.lookupDomain,
    ]
}
