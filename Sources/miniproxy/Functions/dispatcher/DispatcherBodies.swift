extension FunctionBodies {
    /// Of the functions in this folder.
    static let dispatcherBodies: [String: Body] = [
        "ds_select_dst": Self.selectDestination,
        "ds_select_domain": Self.selectDomain,
        "ds_next_dst": Self.nextDestination,
        "ds_mark_dst": Self.markDestination,
    ]
}
