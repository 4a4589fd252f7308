extension FunctionExamples {
    private static let sdp =
        "v=0\r\no=- 1 1 IN IP4 10.0.0.5\r\ns=-\r\nc=IN IP4 10.0.0.5\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
    private static let type: KeyValuePairs<String, String> = ["Content-Type": "application/sdp"]

    static let media: [String: [Example]] = [
        "use_media_proxy": [
            Example(
                "writes ports of the relay into the session description", "use_media_proxy()",
                on: .request(Self.type, body: Self.sdp), gives: .yes),
            Example("changes nothing without a session description", "use_media_proxy()", on: .request(), gives: .no),
            Example(
                "leaves a method alone that sets up no media", "use_media_proxy()",
                on: .request(Self.type, method: "MESSAGE", body: Self.sdp), gives: .no),
        ],
        "end_media_session": [
            Example(
                "is false where no media is relayed", "end_media_session()", on: .request(method: "BYE"), gives: .no)
        ],
        "force_rtp_proxy": [
            Example(
                "writes ports of the relay into the session description and marks it", "force_rtp_proxy()",
                on: .request(Self.type, body: Self.sdp), gives: .yes),
            Example(
                "leaves a description alone that another proxy has marked", "force_rtp_proxy()",
                on: .request(Self.type, body: Self.sdp + "a=nortpproxy:yes\r\n"), gives: .no),
            Example(
                "looks only for a known call with the flag l", #"force_rtp_proxy("l")"#,
                on: .request(Self.type, body: Self.sdp), gives: .no),
        ],
        "unforce_rtp_proxy": [
            Example(
                "is false where no media is relayed", "unforce_rtp_proxy()", on: .request(method: "BYE"), gives: .no)
        ],
        "engage_media_proxy": [
            Example(
                "writes ports of the relay into an INVITE", "engage_media_proxy()",
                on: .request(Self.type, body: Self.sdp),
                gives: .yes)
        ],
        "nat_keepalive": [
            Example(
                "takes a subscription", "nat_keepalive()", on: .request(["Expires": "600"], method: "SUBSCRIBE"),
                gives: .yes),
            Example("leaves an OPTIONS alone", "nat_keepalive()", on: .request(method: "OPTIONS"), gives: .no),
            Example(
                "leaves a call alone that stands already", "nat_keepalive()", on: .request(["To": "<sip:b@x>;tag=2"]),
                gives: .no),
        ],
        "rtpproxy_offer": [
            Example(
                "writes ports of the relay into an offer", #"rtpproxy_offer("co")"#,
                on: .request(Self.type, body: Self.sdp),
                gives: .yes)
        ],
        "rtpproxy_answer": [
            Example(
                "is false outside of a dialog", "rtpproxy_answer()", on: .request(Self.type, body: Self.sdp), gives: .no
            )
        ],
        "rtpproxy_manage": [
            Example(
                "relays what an INVITE offers", #"rtpproxy_manage("co")"#, on: .request(Self.type, body: Self.sdp),
                gives: .yes),
            Example(
                "ends with a BYE, and is false where nothing was relayed", "rtpproxy_manage()",
                on: .request(method: "BYE"),
                gives: .no),
        ],
        "rtpproxy_destroy": [
            Example("is false where no media is relayed", "rtpproxy_destroy()", on: .request(method: "BYE"), gives: .no)
        ],
    ]
}
