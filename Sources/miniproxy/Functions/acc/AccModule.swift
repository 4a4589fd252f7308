extension ScriptModule {
    static let acc = ScriptModule(
        "acc", "Accounting: what became of transactions.",
        parameters: [
            ModuleParameter(
                "log_flag", aliases: ["acc_flag"], .flag, "0", "Requests with this flag are logged when answered."),
            ModuleParameter(
                "log_missed_flag", aliases: ["missed_flag"], .flag, "0",
                "Requests with this flag are logged when they fail."),
            .yesNo("failed_transactions", 0, "Whether failed ones are logged under `log_flag`, too."),
            .yesNo("early_media", 0, "Whether 183 is logged."), .yesNo("report_ack", 1, "Whether ACK is logged."),
            .yesNo("report_cancels", 0, "Whether CANCEL is logged."),
            .number("log_level", -10...10, 2, "The level of the lines."),
            .text("log_fmt", "miocfs", "The fields, one letter each."),
            ModuleParameter("db_flag", .flag, "0", "As `log_flag`, a row of the database each; ACK is a line only."),
            ModuleParameter("db_missed_flag", .flag, "0", "As `log_missed_flag`, to the database."), .dbURL,
            .text("db_table_acc", "acc", "A table."), .text("db_table_missed_calls", "missed_calls", "A table."),
            .text("log_extra", "", "Further fields."), .text("db_extra", "", "Further columns."),
            .yesNo("cdr_enable", 0, "Not used."), .text("log_facility", "LOG_DAEMON", "The syslog facility."),
            .yesNo("detect_direction", 0, "Not used."),
            ModuleParameter(
                "failed_transaction_flag", .flag, "-1", "Not used: `failed_transactions` says it for all."),
            .text("multi_leg_info", "", "Not used."), .text("cdr_extra", "", "Not used."),
        ], functions: [.accLogRequest, .accDBRequest])
}

extension ScriptFunction {
    static let accLogRequest = ScriptFunction(
        "acc_log_request", aliases: ["acc_request"], "Logs a request now.",
        parameters: [
            Parameter("comment", .text, "What to write for the status."),
            Parameter("table", .text, "A table.", optional: true),
        ], routes: .request, modern: .failure)
    static let accDBRequest = ScriptFunction(
        "acc_db_request", "Writes a request to the database now.",
        parameters: [
            Parameter("comment", .text, "What to write for the status."), Parameter("table", .text, "The table."),
        ],
        routes: .request, modern: .failure)
}
