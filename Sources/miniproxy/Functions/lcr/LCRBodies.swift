extension FunctionBodies {
    /// Of the functions in this folder.
    static let lcrBodies: [String: Body] = [
        "load_gws": Self.loadGateways,
        "next_gw": Self.nextGateway,
        "from_gw": Self.fromGateway,
        "to_gw": Self.toGateway,
    ]
}
