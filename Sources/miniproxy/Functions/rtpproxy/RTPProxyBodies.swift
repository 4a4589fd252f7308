extension FunctionBodies {
    /// Of the functions in this folder.
    static let rtpproxyBodies: [String: Body] = [
        "force_rtp_proxy": Self.forceRTPProxy,
        "unforce_rtp_proxy": Self.unforceRTPProxy,
        "rtpproxy_offer": Self.rtpproxyOffer,
        "rtpproxy_answer": Self.rtpproxyAnswer,
        "rtpproxy_manage": Self.rtpproxyManage,
        "rtpproxy_destroy": Self.unforceRTPProxy,
    ]
}
