/// Of functions that share requests: what they say of a set that has nobody. With somebody, see `DispatcherTests`.
extension FunctionExamples {
    static let dispatcher: [String: [Example]] = [
        "ds_select_dst": [
            Example("is false for a set that has nobody", #"ds_select_dst("1", "0")"#, on: .request(), gives: .no)
        ],
        "ds_select_domain": [
            Example("is false for a set that has nobody", #"ds_select_domain("1", "4")"#, on: .request(), gives: .no)
        ],
        "ds_next_dst": [
            Example("is false when no destination is left", "ds_next_dst()", on: .request(), gives: .no)
        ],
        "ds_mark_dst": [
            Example("is false where none was chosen", #"ds_mark_dst("p")"#, on: .request(), gives: .no)
        ],
    ]
}
