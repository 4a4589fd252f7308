import SIPKit

/// `-M`: a MESSAGE to the user, which the server brings back to our own socket; we answer it and the answer comes back too.
///
/// Without `-U` somebody else may be the user: then any 2xx is good.
struct MessageStep {
    let mode: UsrlocMode
    let user: String

    func run() throws(UsrlocMode.Failed) -> MonotonicTime {
        let session = self.mode.session
        let body = self.mode.options.messageBody ?? "test message from SIPsak for user \(self.user)."
        let draft = session.factory.message(
            session.target, user: self.user, from: self.mode.options.from, body: body,
            disposition: self.mode.options.disposition, maxForwards: self.mode.options.maxForwards)
        let callID = draft.value(.callID) ?? []
        let tag = session.factory.ids.hex(8)
        var hasCome = false
        let label = "sending message to \(self.user)... "
        let finished = try self.mode.step(draft, user: self.user, label: label) { request, source in
            guard request.method == .message, request.callID.elementsEqual(callID) else { return }
            session.wire.send(Answer.bytes(to: request, 200, "OK", tag: tag), to: source)
            if hasCome { return session.countRepeatedRequest() }
            hasCome = true
            if self.mode.verbosity > 1 {
                self.mode.console.out("  received message\n  '\(self.mode.console.line(request[request.body]))'\n")
                self.mode.console.out("sending message reply... ")
            }
        }
        guard case .answered(let reply) = finished.ending else { throw self.mode.failed(finished.ending) }
        guard 200...299 ~= reply.message.statusCode else {
            throw self.mode.rejected(reply.message, "did not received 200 for the MESSAGE (see above)")
        }
        guard hasCome || !self.mode.options.usrloc else {
            throw self.mode.rejected(reply.message, "the MESSAGE was answered (see above) but did not come to us")
        }
        if self.mode.verbosity > 1 { self.mode.console.out("  reply received\n") }
        return reply.arrived
    }
}
