extension FunctionBodies {
    /// Of the functions in this folder.
    static let tmBodies: [String: Body] = [
        "t_relay": Self.tRelay,
        "t_relay_to_udp": Self.tRelayToUDP,
        "t_relay_to_tcp": Self.tRelayToTCP,
        "t_lookup_request": Self.tLookupRequest,
        "t_is_set": Self.tIsSet,
        "t_newtran": Self.tNewTransaction,
        "t_reply": Self.tReply,
        "t_on_failure": Self.tOnFailure,
        "t_on_reply": Self.tOnReply,
        "t_check_status": Self.tCheckStatus,
        "t_check_trans": Self.tCheckTransaction,
    ]
}
