/// Of functions that ask a database: what they say where there is none. With one, see `StoredFunctionTests`.
extension FunctionExamples {
    private static let plain = Example.Message.request()

    static let stored: [String: [Example]] = [
        "allow_trusted": [
            Example("is false where no database says who is trusted", "allow_trusted()", on: plain, gives: .no)
        ],
        "allow_routing": [Example("is true where no file forbids it", "allow_routing()", on: plain, gives: .yes)],
        "allow_register": [
            Example(
                "is true where no file forbids it", "allow_register()",
                on: .request(["Contact": "<sip:alice@192.0.2.7>"], method: "REGISTER"), gives: .yes)
        ],
        "is_user_in": [
            Example("is false where no database has groups", #"is_user_in("From", "int")"#, on: plain, gives: .no)
        ],
        "sd_lookup": [
            Example("is false where no database has short numbers", #"sd_lookup("speed_dial")"#, on: plain, gives: .no)
        ],
        "alias_db_lookup": [
            Example("is false where no database has aliases", #"alias_db_lookup("dbaliases")"#, on: plain, gives: .no)
        ],
        "avp_db_load": [
            Example(
                "is false where no database has attributes", #"avp_db_load("$ruri/username", "s:callfwd")"#, on: plain,
                gives: .no)
        ],
        "avp_db_store": [
            Example(
                "is false where the message has no such attribute", #"avp_db_store("$from/username", "s:callfwd")"#,
                on: plain, gives: .no)
        ],
        "avp_db_delete": [
            Example(
                "is false where no database has attributes", #"avp_db_delete("$from/username", "s:callfwd")"#,
                on: plain, gives: .no)
        ],
    ]
}
