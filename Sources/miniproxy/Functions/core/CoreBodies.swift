extension FunctionBodies {
    /// Of the functions in this folder.
    static let coreBodies: [String: Body] = [
        "force_rport": Self.forceRport,
        "forward": Self.forward,
        "forward_udp": Self.forwardUDP,
        "forward_tcp": Self.forwardTCP,
        "log": Self.log,
        "len_gt": Self.lengthGreater,
        "error": Self.nothing,
        "exec": Self.nothing,
        "rewriteuri": Self.rewriteURI,
        "rewritehost": Self.rewriteHost,
        "rewritehostport": Self.rewriteHostPort,
        "rewriteport": Self.rewritePort,
        "rewriteuser": Self.rewriteUser,
        "rewriteuserpass": Self.rewriteUserPassword,
        "revert_uri": Self.revertURI,
        "prefix": Self.prefix,
        "strip": Self.strip,
        "strip_tail": Self.stripTail,
        "append_branch": Self.appendBranch,
        "clear_branches": Self.clearBranches,
        "setdsturi": Self.setDestinationURI,
        "resetdsturi": Self.resetDestinationURI,
        "isdsturiset": Self.isDestinationURISet,
    ]
}
