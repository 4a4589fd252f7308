extension FunctionBodies {
    /// Of the functions in this folder.
    static let accBodies: [String: Body] = [
        "acc_log_request": Self.accLogRequest,
        "acc_db_request": Self.accDBRequest,
    ]
}
