extension FunctionBodies {
    /// Of the functions in this folder.
    static let registrarBodies: [String: Body] = [
        "save": Self.save,
        "save_noreply": Self.saveNoReply,
        "save_memory": Self.saveMemory,
        "unregister": Self.unregister,
        "lookup": Self.lookup,
        "registered": Self.registered,
    ]
}
