extension FunctionExamples {
    /// From 192.0.2.7:5070, as all messages of examples.
    private static let behindNAT = Example.Message.request(
        ["Contact": "<sip:alice@10.0.0.1:5060;transport=udp>", "Content-Type": "application/sdp"],
        body: "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n")
    private static let open = Example.Message.request(["Contact": "<sip:alice@192.0.2.7:5070>"])

    static let nat: [String: [Example]] = [
        "nat_uac_test": [
            Example("sees a private Contact", #"nat_uac_test("1")"#, on: behindNAT, gives: .yes),
            Example("sees a private address in SDP", #"nat_uac_test("8")"#, on: behindNAT, gives: .yes),
            Example("is false where all addresses are public", #"nat_uac_test("13")"#, on: open, gives: .no),
            Example("sees that the source port is not the Via's", #"nat_uac_test("16")"#, on: open, gives: .yes),
        ],
        "client_nat_test": [
            Example("sees a private Contact", #"client_nat_test("3")"#, on: behindNAT, gives: .yes),
            Example("is false for a public phone", #"client_nat_test("7")"#, on: open, gives: .no),
        ],
        "fix_nated_contact": [
            Example(
                "writes the real address, and keeps the rest", "fix_nated_contact()", on: behindNAT, gives: .yes,
                leaves: ["Contact": "<sip:alice@192.0.2.7:5070;transport=udp>"]),
            Example("is false without a Contact", "fix_nated_contact()", on: .request(), gives: .no),
        ],
        "fix_contact": [
            Example(
                "is fix_nated_contact", "fix_contact()", on: behindNAT, gives: .yes,
                leaves: ["Contact": "<sip:alice@192.0.2.7:5070;transport=udp>"])
        ],
        "fix_nated_register": [
            Example(
                "leaves the Contact as it is", "fix_nated_register()", on: open, gives: .yes,
                leaves: ["Contact": "<sip:alice@192.0.2.7:5070>"])
        ],
        "set_contact_alias": [
            Example(
                "writes the real address behind the URI", "set_contact_alias()", on: behindNAT, gives: .yes,
                leaves: ["Contact": "<sip:alice@10.0.0.1:5060;transport=udp;alias=192.0.2.7~5070~1>"]),
            Example(
                "puts a bare URI in brackets", "set_contact_alias()",
                on: .request(["Contact": "sip:alice@10.0.0.1;expires=60"]), gives: .yes,
                leaves: ["Contact": "<sip:alice@10.0.0.1;alias=192.0.2.7~5070~1>;expires=60"]),
            Example("is false without a Contact", "set_contact_alias()", on: .request(), gives: .no),
        ],
        "add_contact_alias": [
            Example(
                "writes another address", #"add_contact_alias("198.51.100.1", "5080", "tcp")"#, on: behindNAT,
                gives: .yes,
                leaves: ["Contact": "<sip:alice@10.0.0.1:5060;transport=udp;alias=198.51.100.1~5080~2>"]),
            Example(
                "changes nothing where the Contact is the sender's address", "add_contact_alias()", on: open,
                gives: .yes,
                leaves: ["Contact": "<sip:alice@192.0.2.7:5070>"]),
            Example(
                "is false for what is no address", #"add_contact_alias("nowhere", "5080", "tcp")"#, on: behindNAT,
                gives: .no),
        ],
        "handle_ruri_alias": [
            Example(
                "takes the alias out", "handle_ruri_alias()",
                on: .request(uri: "sip:alice@10.0.0.1;alias=192.0.2.7~5070~1;x=y"), gives: .yes,
                requestURI: "sip:alice@10.0.0.1;x=y"),
            Example(
                "takes the last of several", #"handle_ruri_alias("1")"#,
                on: .request(uri: "sip:a@10.0.0.1;alias=192.0.2.7~5070~1;alias=192.0.2.8~5070~1"), gives: .yes,
                requestURI: "sip:a@10.0.0.1;alias=192.0.2.7~5070~1"),
            Example(
                "is false for an alias that is no address", "handle_ruri_alias()",
                on: .request(uri: "sip:alice@10.0.0.1;alias=gw~5070~1"), gives: .no,
                requestURI: "sip:alice@10.0.0.1;alias=gw~5070~1"),
        ],
        "add_rcv_param": [
            Example(
                "adds a parameter", "add_rcv_param()", on: open, gives: .yes,
                leaves: ["Contact": #"<sip:alice@192.0.2.7:5070>;received="sip:192.0.2.7:5070""#])
        ],
        "fix_nated_sdp": [
            Example(
                "changes the length with the address", #"fix_nated_sdp("2")"#, on: behindNAT, gives: .yes,
                leaves: ["Content-Length": "109"]),
            Example("is false without SDP", #"fix_nated_sdp("2")"#, on: open, gives: .no),
        ],
        "is_rfc1918": [
            Example("knows private addresses", #"is_rfc1918("192.168.1.1")"#, on: open, gives: .yes),
            Example("knows public ones", #"is_rfc1918("192.0.2.1")"#, on: open, gives: .no),
        ],
    ]
}
