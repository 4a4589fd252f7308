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
        "avp_db_query": [
            Example(
                "is false where there is no database",
                #"avp_db_query("select value from usr_preferences where username = '$rU'", "$avp(s:x)")"#, on: plain,
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
        "allow_uri": [
            Example(
                "is true where no file forbids it", #"allow_uri("guests", "sip:carol@example.org")"#, on: plain,
                gives: .yes)
        ],
        "allow_source_address": [
            Example("is false where no database has addresses", "allow_source_address(1)", on: plain, gives: .no)
        ],
        "allow_address": [
            Example(
                "is false where no database has addresses", #"allow_address("1", "192.0.2.7", "5060")"#, on: plain,
                gives: .no)
        ],
        "auth_check": [
            Example(
                "is false without credentials", #"auth_check("example.org", "subscriber", "1")"#, on: plain, gives: .no),
            Example(
                "is true for an ACK, which cannot be challenged", #"auth_check("example.org", "subscriber", "1")"#,
                on: .request(method: "ACK"), gives: .yes),
        ],
        "lookup_domain": [
            Example("is true for a domain that is ours", #"lookup_domain("local.example")"#, on: plain, gives: .yes),
            Example("is false for any other", #"lookup_domain("example.com", "d_")"#, on: plain, gives: .no),
        ],
        "save_noreply": [
            Example(
                "is true, and the script answers", #"save_noreply("location")"#,
                on: .request(["Contact": "<sip:bob@192.0.2.7>"], method: "REGISTER"), gives: .yes),
            Example("is false for anything but REGISTER", #"save_noreply("location")"#, on: plain, gives: .no),
        ],
        "save_memory": [
            Example(
                "answers, and no database gets to know", #"save_memory("location")"#,
                on: .request(["Contact": "<sip:bob@192.0.2.7>"], method: "REGISTER"), gives: .yes)
        ],
        "unregister": [
            Example(
                "is false for one who is not registered", #"unregister("location", "sip:carol@example.org")"#,
                on: plain,
                gives: .no)
        ],
    ]
}
