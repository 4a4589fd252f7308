import SIPKit

/// `-I`: a call to ourselves through the server. The INVITE comes back to our own socket, we answer 200, the answer comes
/// back, we send ACK, and the ACK comes back. Then we hang up, which the original forgets.
struct InviteStep {
    let mode: UsrlocMode
    let user: String

    private var session: Session { self.mode.session }

    /// The answering side, as far as one call needs it.
    private final class Answering {
        let callID: [UInt8]
        var answer: [UInt8] = []
        var source: SocketAddress?
        var hasAck = false

        init(callID: [UInt8]) { self.callID = callID }
    }

    func run() throws(UsrlocMode.Failed) -> MonotonicTime {
        let draft = self.session.factory.invite(
            self.session.target, user: self.user, from: self.mode.options.from,
            maxForwards: self.mode.options.maxForwards)
        let answering = Answering(callID: draft.value(.callID) ?? [])
        let tag = self.session.factory.ids.hex(8)
        let label = "inviting user \(self.user)... "
        let finished = try self.mode.step(draft, user: self.user, label: label) { request, source in
            self.received(request, from: source, answering, tag: tag)
        }
        guard case .answered(let reply) = finished.ending else { throw self.mode.failed(finished.ending) }
        guard 200...299 ~= reply.message.statusCode else {
            throw self.mode.rejected(reply.message, "received no 200 for the INVITE (see above)")
        }
        guard answering.source != nil else {
            self.hangUp(finished, reply.message, answering)
            throw self.mode.rejected(reply.message, "the INVITE was answered (see above) but did not come to us")
        }
        if self.mode.verbosity > 1 { self.mode.console.out("\t200 OK received\n") }
        let arrived = try self.awaitAck(answering, reply)
        self.hangUp(finished, reply.message, answering)
        return arrived
    }

    private func received(_ request: SIPMessage, from source: SocketAddress, _ answering: Answering, tag: String) {
        guard request.callID.elementsEqual(answering.callID) else { return }
        switch request.method {
        case .invite:
            if answering.source != nil {
                self.session.countRepeatedRequest()
                self.session.wire.send(answering.answer, to: source)
                return
            }
            answering.answer = Answer.bytes(
                to: request, 200, "OK", tag: tag,
                contact: "<\(self.session.factory.contact(of: "sipsak_conf"))>")
            answering.source = source
            if self.mode.verbosity > 1 { self.mode.console.out("\t\treceived invite\nsending invite reply... ") }
            self.session.wire.send(answering.answer, to: source)
        case .ack: answering.hasAck = true
        default: break
        }
    }

    /// Repeats our 200 until the ACK is there (RFC 3261 §13.3.1.4).
    private func awaitAck(_ answering: Answering, _ reply: Probe.Reply) throws(UsrlocMode.Failed) -> MonotonicTime {
        let policy = self.session.policy
        let giveUp = self.session.wire.now() + policy.timeout
        var interval = policy.t1
        while !answering.hasAck {
            let now = self.session.wire.now()
            guard now < giveUp else {
                throw self.mode.rejected(
                    reply.message, "the call was answered (see above) but the ACK did not come to us")
            }
            let found = self.session.awaitRequest(until: Swift.min(now + interval, giveUp)) { request, source in
                self.received(request, from: source, answering, tag: "")
                return answering.hasAck
            }
            if found == nil, let source = answering.source { self.session.wire.send(answering.answer, to: source) }
            interval = Swift.min(interval * 2, policy.t2)
        }
        if self.mode.verbosity > 1 { self.mode.console.out("\tACK received\n") }
        return self.session.wire.now()
    }

    /// BYE, and our own 200 to it. Its fate changes nothing: the test is over.
    private func hangUp(_ finished: Session.Finished, _ reply: SIPMessage, _ answering: Answering) {
        guard let dialog = Dialog(request: finished.probe.draft, reply: reply) else { return }
        let bye = dialog.bye(branch: self.session.factory.ids.branch(), sequence: self.session.factory.nextSequence())
        let place = dialog.nextHop.flatMap { self.session.address(of: $0) } ?? finished.place
        var observer = Session.Observer()
        observer.request = { request, source in
            guard request.method == .bye, request.callID.elementsEqual(answering.callID) else { return }
            self.session.wire.send(Answer.bytes(to: request, 200, "OK", tag: ""), to: source)
        }
        var policy = self.session.policy
        policy.timeout = Swift.min(policy.timeout, policy.t1 * 4)
        let ended = self.session.run(
            bye, to: place, policy: policy, digest: finished.probe.digest, counts: false, observer)
        if case .answered(let answer) = ended.ending, 200...299 ~= answer.message.statusCode { return }
        self.mode.console.warn("the call could not be ended with BYE")
    }
}
