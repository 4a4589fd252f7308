extension FunctionBodies {
    /// Of the functions in this folder.
    static let rrBodies: [String: Body] = [
        "record_route": Self.recordRoute,
        "record_route_preset": Self.recordRoutePreset,
        "loose_route": Self.looseRoute,
    ]
}
