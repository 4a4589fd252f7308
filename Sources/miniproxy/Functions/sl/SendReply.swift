import SIPKit

extension FunctionBodies {
    /// `sl_send_reply("404", "Not Found")`: answers without keeping state (FUNCTIONS.md §1).
    static let slSendReply = Body { arguments, context in
        guard context.index.isRequest, context.index.method != .ack else { return .no }
        let status = arguments.integer(0)
        var headers: [UInt8] = []
        if (300..<400).contains(status) { headers = context.contactsOfBranches() }
        context.reply(status, reason: arguments.text(1), headers: headers)
        return .yes
    }

    /// `sl_reply_error()`: says what went wrong in the last command that failed.
    static let slReplyError = Body { _, context in
        guard context.index.isRequest, context.index.method != .ack else { return .no }
        let (status, reason, number) = context.failure.reply
        var text: [UInt8] = []
        text.append(reason)
        text.append(" (")
        text.append(decimal: UInt64(number))
        text.append("/SL)")
        context.reply(status, reason: text)
        return .yes
    }
}

extension RouteContext {
    /// The Contact line of a redirect: the Request-URI where it was rewritten, and all appended branches with their q.
    func contactsOfBranches() -> [UInt8] {
        var line: [UInt8] = []
        func add(_ uri: some Sequence<UInt8>, q: Int16) {
            line.append(line.isEmpty ? "Contact: <" as StaticString : ", <")
            line += uri
            line.append(ASCII.greater)
            if q >= 0 {
                line.append(";q=")
                QValue(thousandths: q).append(to: &line)
            }
        }
        if self.isRewritten, !self.isRequestURIUsed { add(self.rewrittenURI, q: -1) }
        for place in 0..<self.appended.count { add(self.appended.uri(place), q: self.appended[place].q) }
        if !line.isEmpty { line.append("\r\n") }
        return line
    }
}
