extension FunctionBodies {
    /// Of the functions in this folder.
    static let rrBodies: [String: Body] = [
        "record_route": Self.recordRoute,
        "record_route_preset": Self.recordRoutePreset,
        "add_rr_param": Self.addRecordRouteParameter,
        "check_route_param": Self.checkRouteParameter,
        "is_direction": Self.isDirection,
        "loose_route": Self.looseRoute,
    ]
}
