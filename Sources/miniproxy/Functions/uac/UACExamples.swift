/// Of functions that change who a request is from. With both sides of a dialog, see `UACTests`.
extension FunctionExamples {
    static let uac: [String: [Example]] = [
        "uac_replace_from": [
            Example(
                "writes name and address", #"uac_replace_from("Robin", "sip:robin@example.org")"#,
                on: .request(["From": "\"Alice\" <sip:alice@example.org>;tag=1"]), gives: .yes,
                leaves: ["From": "\"Robin\" <sip:robin@example.org>;tag=1"]),
            Example(
                "keeps the name where there is only an address", #"uac_replace_from("sip:robin@example.org")"#,
                on: .request(["From": "\"Alice\" <sip:alice@example.org>;tag=1"]), gives: .yes,
                leaves: ["From": "\"Alice\" <sip:robin@example.org>;tag=1"]),
            Example(
                "keeps the address where that is empty", #"uac_replace_from("Robin", "")"#, on: .request(), gives: .yes,
                leaves: ["From": "\"Robin\" <sip:alice@example.org>;tag=1"]),
        ],
        "uac_restore_from": [
            Example(
                "writes the address that the Record-Route remembers", "uac_restore_from()",
                on: .request(
                    [
                        "To": "<sip:bob@example.org>;tag=2",
                        "Route": "<sip:127.0.0.1:5060;ftag=1;lr;vsf=0000000013030b0a0b>",
                    ], method: "BYE"), gives: .yes, leaves: ["From": "<sip:robin@example.org>;tag=1"]),
            Example("is false outside of such a dialog", "uac_restore_from()", on: .request(), gives: .no),
        ],
        "uac_auth": [
            Example(
                "is false where nobody has asked for credentials", "uac_auth()", on: .request(), gives: .no,
                in: .failure)
        ],
    ]
}
