extension FunctionExamples {
    private static let message = Example.Message.request([
        "Subject": "old news", "P-hint": "one", "p-HINT": "two", "Contact": "<sip:alice@10.0.0.1:5060>",
    ])
    private static let withBody = Example.Message.request(["Content-Type": "application/sdp"], body: "v=0\r\ns=old\r\n")
    private static let number = Example.Message.request(uri: "sip:0049301234@example.org")

    static let headers: [String: [Example]] = [
        "append_hf": [
            Example(
                "adds a line", #"append_hf("P-route: OUTBOUND\r\n")"#, on: message, gives: .yes,
                leaves: ["P-route": "OUTBOUND"])
        ],
        "insert_hf": [
            Example(
                "adds a line on top", #"insert_hf("P-route: OUTBOUND\r\n")"#, on: message, gives: .yes,
                leaves: ["P-route": "OUTBOUND"])
        ],
        "append_urihf": [
            Example(
                "says where the request was for", #"append_urihf("CC-Diversion: ", "\r\n")"#, on: message, gives: .yes,
                leaves: ["CC-Diversion": "sip:bob@example.org"])
        ],
        "remove_hf": [
            Example(
                "removes every line, however it is spelt", #"remove_hf("P-Hint")"#, on: message, gives: .yes,
                leaves: ["P-hint": nil]),
            Example(
                "knows compact names", #"remove_hf("Subject")"#, on: .request(["s": "hello"]), gives: .yes,
                leaves: ["s": nil]),
            Example("is false where there is none", #"remove_hf("Priority")"#, on: message, gives: .no),
        ],
        "is_present_hf": [
            Example("sees a header", #"is_present_hf("subject")"#, on: message, gives: .yes),
            Example("is false where there is none", #"is_present_hf("Priority")"#, on: message, gives: .no),
        ],
        "has_body": [
            Example("sees a body of this type", #"has_body("application/sdp")"#, on: withBody, gives: .yes),
            Example("is false for another type", #"has_body("text/plain")"#, on: withBody, gives: .no),
            Example("is false without a body", "has_body()", on: message, gives: .no),
        ],
        "append_to_reply": [Example("is always true", #"append_to_reply("P-hint: x\r\n")"#, on: message, gives: .yes)],
        "append_time": [Example("is always true", "append_time()", on: message, gives: .yes)],
    ]

    static let text: [String: [Example]] = [
        "search": [
            Example("looks at every line", #"search("^subject:.*NEWS$|^Subject:.*news")"#, on: message, gives: .yes),
            Example("does not cross line ends", #"search("Subject.*P-hint")"#, on: message, gives: .no),
        ],
        "search_body": [
            Example("looks at the body alone", #"search_body("^s=old")"#, on: withBody, gives: .yes),
            Example("sees no header", #"search_body("Via")"#, on: withBody, gives: .no),
        ],
        "search_hf": [
            Example("looks at the first header of a name", #"search_hf("P-hint", "two")"#, on: message, gives: .no),
            Example("looks at all of them", #"search_hf("P-hint", "two", "a")"#, on: message, gives: .yes),
        ],
        "search_append": [
            Example(
                "inserts behind the match", #"search_append("old ne", "xt-ne")"#, on: message, gives: .yes,
                leaves: ["Subject": "old next-news"]),
            Example("is false where nothing matches", #"search_append("zzz", "x")"#, on: message, gives: .no),
        ],
        "replace": [
            Example(
                "replaces the first match", #"replace("old", "good")"#, on: message, gives: .yes,
                leaves: ["Subject": "good news"]),
            Example(
                "keeps Content-Length right", #"replace("s=old", "s=brand new")"#, on: withBody, gives: .yes,
                leaves: ["Content-Length": "18"]),
        ],
        "replace_all": [
            Example(
                "replaces all matches", #"replace_all("w", "vv")"#, on: .request(["Subject": "wow"]), gives: .yes,
                leaves: ["Subject": "vvovv"])
        ],
        "subst": [
            Example(
                "replaces with groups", #"subst("/^Subject: (\w+) (\w+)/Subject: \2 \1/")"#, on: message, gives: .yes,
                leaves: ["Subject": "news old"])
        ],
        "subst_uri": [
            Example(
                "rewrites the Request-URI", #"subst_uri("/^sip:00([0-9]+)@(.*)$/sip:+\1@\2/")"#, on: number,
                gives: .yes,
                requestURI: "sip:+49301234@example.org"),
            Example("is false where nothing matches", #"subst_uri("/^tel:/sip:/")"#, on: number, gives: .no),
        ],
        "subst_user": [
            Example(
                "rewrites the user", #"subst_user("/^00/+/")"#, on: number, gives: .yes,
                requestURI: "sip:+49301234@example.org")
        ],
        "is_method": [
            Example("knows several", #"is_method("REGISTER|INVITE")"#, on: message, gives: .yes),
            Example("is false for others", #"is_method("REGISTER")"#, on: message, gives: .no),
        ],
        "xlog": [Example("is always true", #"xlog("L_INFO", "%rm for %ru from %is\n")"#, on: message, gives: .yes)],
        "xdbg": [Example("is always true", #"xdbg("$rm\n")"#, on: message, gives: .yes)],
        "acc_log_request": [Example("writes a line", #"acc_log_request("404 Not Found")"#, on: message, gives: .yes)],
    ]
}
