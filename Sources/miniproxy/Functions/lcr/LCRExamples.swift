/// Of functions that look for gateways: what they say where there are none. With some, see `LCRTests`.
extension FunctionExamples {
    static let lcr: [String: [Example]] = [
        "load_gws": [Example("is false where no database has gateways", "load_gws()", on: .request(), gives: .no)],
        "next_gw": [Example("is false when no gateway is left", "next_gw()", on: .request(), gives: .no)],
        "from_gw": [Example("is false where no database has gateways", "from_gw()", on: .request(), gives: .no)],
        "to_gw": [Example("is false where no database has gateways", "to_gw()", on: .request(), gives: .no)],
    ]
}
