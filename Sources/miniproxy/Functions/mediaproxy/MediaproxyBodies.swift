extension FunctionBodies {
    /// Of the functions in this folder.
    static let mediaproxyBodies: [String: Body] = [
        "use_media_proxy": Self.useMediaProxy,
        "end_media_session": Self.endMediaSession,
        "force_rtp_proxy": Self.forceRTPProxy,
        "unforce_rtp_proxy": Self.endMediaSession,
        "rtpproxy_destroy": Self.endMediaSession,
    ]
}
