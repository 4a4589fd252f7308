extension FunctionBodies {
    /// Of the functions in this folder.
    static let xlogBodies: [String: Body] = [
        "xlog": Self.xlog,
        "xdbg": Self.xdebug,
    ]
}
