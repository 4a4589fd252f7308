extension FunctionBodies {
    /// Of the functions in this folder.
    static let cplBodies: [String: Body] = [
        "cpl_run_script": Self.runCPL,
        "cpl_process_register": Self.processCPLRegister,
        "cpl_process_register_norpl": Self.processCPLRegisterNoReply,
    ]
}
