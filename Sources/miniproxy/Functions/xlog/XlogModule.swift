extension ScriptModule {
    static let xlog = ScriptModule(
        "xlog", "Log lines with what is in the message.",
        parameters: [
            .number("buf_size", 64...1_048_576, 4096, "The longest line."), .yesNo("force_color", 0, "Not used."),
            .text("prefix", "<script>: ", "A text before each line."),
            .text("log_facility", "LOG_DAEMON", "The syslog facility."),
            .number("methods_filter", -1...65535, -1, "Not used."), .yesNo("long_format", 0, "Not used."),
        ], functions: [.xlog, .xdebug])
}

extension ScriptFunction {
    static let xlog = ScriptFunction(
        "xlog", "Writes a line to the log, with specifiers filled in.",
        parameters: [
            Parameter(
                "level",
                .word(["L_ALERT", "L_CRIT", "L_CRIT2", "L_ERR", "L_WARN", "L_NOTICE", "L_INFO", "L_DBG", "L_BUG"]),
                "The level; L_ERR if left out.", optional: true),
            Parameter("text", .format, "The line: `%ru`, `%fu`, `$ru`, `$fu` and so on."),
        ], routes: .all)
    static let xdebug = ScriptFunction(
        "xdbg", "Like `xlog` with level L_DBG.", parameters: [Parameter("text", .format, "The line.")], routes: .all)
}
