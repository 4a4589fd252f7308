extension FunctionBodies {
    /// Of the functions in this folder.
    static let tmBodies: [String: Body] = [
        "t_relay": Self.tRelay,
        "t_relay_to_udp": Self.tRelayToUDP,
        "t_relay_to_tcp": Self.tRelayToTCP,
        "t_relay_to_tls": Self.tRelayToTLS,
        "t_relay_to": Self.tRelayTo,
        "t_forward_nonack": Self.tForwardNonACK,
        "t_replicate": Self.tReplicate,
        "t_release": Self.tRelease,
        "t_retransmit_reply": Self.never,
        "t_precheck_trans": Self.never,
        "t_on_branch": Self.tOnBranch,
        "t_is_branch_route": Self.tIsBranchRoute,
        "t_is_canceled": Self.tIsCanceled,
        "t_set_fr": Self.tSetTimers,
        "t_any_timeout": Self.tAnyTimeout,
        "t_branch_timeout": Self.tBranchTimeout,
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
