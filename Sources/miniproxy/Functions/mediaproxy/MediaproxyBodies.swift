extension FunctionBodies {
    /// Of the functions in this folder.
    static let mediaproxyBodies: [String: Body] = [
        "use_media_proxy": Self.useMediaProxy,
        "end_media_session": Self.endMediaSession,
        "engage_media_proxy": Self.engageMediaProxy,
        "nat_keepalive": Self.natKeepalive,
    ]
}
