extension ScriptModule {
    static let maxfwd = ScriptModule(
        "maxfwd", "The count of hops.",
        parameters: [.number("max_limit", 1...255, 16, "A larger Max-Forwards is cut to this; 70 in modern scripts.")],
        functions: [.processMaxForwards, .isMaxForwardsLess])
}

extension ScriptFunction {
    static let processMaxForwards = ScriptFunction(
        "mf_process_maxfwd_header", aliases: ["maxfwd_process", "process_maxfwd"],
        "Counts Max-Forwards down by one, and writes the header where a request has none.",
        parameters: [Parameter("limit", .integer(0...255), "The number for a request that has no Max-Forwards.")],
        routes: .request, modern: [.failure, .branch])
    static let isMaxForwardsLess = ScriptFunction(
        "is_maxfwd_lt", aliases: ["mf_lowlimit", "maxfwd_at_least"], "Whether Max-Forwards is below a number.",
        parameters: [Parameter("limit", .integer(0...255), "The number.")], routes: .request,
        modern: [.failure, .branch])
}
