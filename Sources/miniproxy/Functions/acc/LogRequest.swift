import SIPKit

extension FunctionBodies {
    /// `acc_log_request("404 Not Found")`: one line to the log now, with the fields of `log_fmt`.
    static let accLogRequest = Body { arguments, context in
        guard context.index.isRequest else { return .no }
        let line = AccountingLine(
            format: context.shared.settings.accounting.format, code: arguments.text(0),
            outgoing: context.requestURIBytes)
        context.log(
            context.shared.settings.accounting.level,
            line.write("request accounted", context.memory.span, context.index, user: context.authorizedUser))
        return .yes
    }
}
