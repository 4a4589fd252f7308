extension FunctionExamples {
    private static let plain = Example.Message.request()

    static let attributes: [String: [Example]] = [
        "avp_write": [Example("sets an attribute", #"avp_write("i:45", "inv_timeout")"#, on: plain, gives: .yes)],
        "avp_delete": [Example("is false where there is none", #"avp_delete("s:callfwd/g")"#, on: plain, gives: .no)],
        "avp_pushto": [
            Example("is false where there is none", #"avp_pushto("$ruri", "s:callfwd")"#, on: plain, gives: .no)
        ],
        "avp_check": [
            Example("is false where there is none", #"avp_check("s:callfwd", "eq/$ruri/i")"#, on: plain, gives: .no)
        ],
        "avp_copy": [Example("is false where there is none", #"avp_copy("s:a", "s:b")"#, on: plain, gives: .no)],
        "avp_printf": [Example("sets a text", #"avp_printf("s:a", "to $ru")"#, on: plain, gives: .yes)],
        "avp_subst": [Example("is false where there is none", #"avp_subst("s:a", "/x/y/")"#, on: plain, gives: .no)],
        "avp_op": [Example("is false where there is none", #"avp_op("i:1", "add/i:2")"#, on: plain, gives: .no)],
        "append_rpid_hf": [Example("is false without an identity", "append_rpid_hf()", on: plain, gives: .no)],
        "is_rpid_user_e164": [Example("is false without an identity", "is_rpid_user_e164()", on: plain, gives: .no)],
        "avp_print": [Example("is always true", "avp_print()", on: plain, gives: .yes)],
    ]
}
