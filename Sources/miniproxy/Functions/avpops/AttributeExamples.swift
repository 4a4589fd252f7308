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
        "avp_print": [Example("is always true", "avp_print()", on: plain, gives: .yes)],
    ]
}
