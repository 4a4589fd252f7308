import SIPKit

extension FunctionBodies {
    /// `acc_log_request("404 Not Found")`: one line to the log now, the fields as in `log_fmt` "miocfs".
    static let accLogRequest = Body { arguments, context in
        guard context.index.isRequest else { return .no }
        let bytes = context.memory.span
        var line = Array("ACC: request accounted: method=".utf8) + bytes.copy(context.index.methodRange)
        line += Array(", i-uri=".utf8) + bytes.copy(context.index.requestURI)
        line += Array(", o-uri=".utf8) + context.requestURIBytes
        line += Array(", call_id=".utf8) + bytes.copy(context.callID)
        line += Array(", from=".utf8) + (context.index.first(.from).map { bytes.copy($0) } ?? Array("n/a".utf8))
        line += Array(", code=".utf8) + arguments.text(0) + [ASCII.lf]
        context.log(2, line)
        return .yes
    }
}
