import SIPKit

/// `--subscribe`: SUBSCRIBE to an event package, answers the notifications that come within `--hold`, ends the subscription
/// (RFC 6665). Good is a 2xx with at least one NOTIFY: a notifier has to send the first at once (§4.2.1.2).
final class SubscribeMode {
    private let session: Session
    private var console: any Console { self.session.console }
    private var options: SipsakOptions { self.session.options }
    private var callID: [UInt8] = []
    private var notifications = 0
    private var isTerminated = false

    init(session: Session) { self.session = session }

    func run() -> ExitStatus {
        let status = self.subscribe()
        self.session.reporter?.summary(self.session.tally, status)
        return status
    }

    private func subscribe() -> ExitStatus {
        var draft = self.session.factory.options(
            self.session.target, method: "SUBSCRIBE", maxForwards: self.options.maxForwards)
        if let from = self.options.from { self.session.factory.identify(&draft, as: from) }
        draft.set(.event, "presence")
        draft.append("Expires", "\(self.options.expires)")
        draft.remove(.accept)
        draft.insertFirst(lines: self.options.headerLines.flatMap { ShootDraft.lines($0) })
        self.options.details.dress(&draft)
        self.callID = draft.value(.callID) ?? []
        let finished = self.send(draft, digest: self.session.digest(for: self.session.target.user))
        guard case .answered(let reply) = finished.ending else { return self.failed(finished, "the subscription") }
        guard self.judge(reply, finished, "subscribe") else { return .rejected }
        let end = self.session.wire.now() + self.options.hold
        while !self.isTerminated, self.options.count.map({ self.notifications < $0 }) ?? true {
            let found = self.session.awaitRequest(until: end) { request, source in self.take(request, source) }
            if found == nil { break }
        }
        let heard = self.notifications
        if !self.isTerminated { self.unsubscribe(finished, reply.message) }
        if heard == 0 {
            if self.options.printsText {
                self.console.fail("no NOTIFY came within \(Milliseconds.short(self.options.hold)) ms")
            }
            return .assertion
        }
        return .ok
    }

    private func send(_ draft: Draft, to place: SocketAddress? = nil, digest: DigestClient?) -> Session.Finished {
        var observer = Session.Observer()
        observer.request = { request, source in _ = self.take(request, source) }
        return self.session.run(draft, to: place, digest: digest, presents: true, observer)
    }

    private func judge(_ reply: Probe.Reply, _ finished: Session.Finished, _ step: String) -> Bool {
        let isGood = 200...299 ~= reply.message.statusCode
        let time = reply.arrived - finished.probe.lastSent
        self.session.tally.answer(
            reply.message, time: time, isGood: isGood, retransmissions: finished.probe.retransmissions)
        self.session.reporter?.step(step, user: self.session.target.user ?? "", finished, reply)
        self.say(
            "\(step): \(reply.message.statusCode) \(self.console.line(reply.message[reply.message.reason])) "
                + "after \(Milliseconds.text(time)) ms"
                + (reply.message.text(.expires).map { ", for \(self.console.line($0.utf8)) s" } ?? ""))
        return isGood
    }

    /// A request in our subscription: whether it was a NOTIFY.
    private func take(_ request: SIPMessage, _ source: SocketAddress) -> Bool {
        guard request.callID.elementsEqual(self.callID), request.method == .notify else {
            guard request.method != .ack, request.first(.via) != nil else { return false }
            self.session.wire.send(
                Answer.bytes(to: request, 481, ReasonPhrase.text(481), tag: self.session.factory.ids.hex(8)), to: source
            )
            return false
        }
        self.session.wire.send(Answer.bytes(to: request, 200, "OK", tag: ""), to: source)
        self.notifications += 1
        let state = try? request.value(.subscriptionState, as: SubscriptionState.self)
        if state?.isTerminated == true { self.isTerminated = true }
        let event = request.text(.event) ?? "?"
        let told = request.text(.subscriptionState) ?? "no Subscription-State"
        self.say("notify \(self.notifications): \(self.console.line(event.utf8)), \(self.console.line(told.utf8))")
        if self.session.verbosity > 0, !request.body.isEmpty {
            self.console.out(message: Array(request[request.body]))
            self.console.out("\n")
        }
        self.console.flush()
        return true
    }

    /// Expires 0 inside the dialog; the last NOTIFY is waited for shortly.
    private func unsubscribe(_ finished: Session.Finished, _ reply: SIPMessage) {
        guard let dialog = Dialog(request: finished.probe.draft, reply: reply) else { return }
        var draft = dialog.request(
            "SUBSCRIBE", branch: self.session.factory.ids.branch(), sequence: self.session.factory.nextSequence())
        draft.append(
            "Event", finished.probe.draft.value(.event).map { String(decoding: $0, as: UTF8.self) } ?? "presence")
        draft.append("Contact", "<\(self.session.factory.contact)>")
        draft.append("Expires", "0")
        let place = dialog.nextHop.flatMap { self.session.address(of: $0) } ?? finished.place
        let ended = self.send(draft, to: place, digest: finished.probe.digest)
        guard case .answered(let answer) = ended.ending else {
            self.console.warn("the subscription could not be ended: \(PingMode.reason(ended, self.console).2)")
            return
        }
        _ = self.judge(answer, ended, "unsubscribe")
        let end = self.session.wire.now() + self.session.policy.t1
        while !self.isTerminated, self.session.awaitRequest(until: end, { self.take($0, $1) }) != nil {}
    }

    private func failed(_ finished: Session.Finished, _ what: String) -> ExitStatus {
        let (kind, _, sentence, status) = PingMode.reason(finished, self.console)
        self.session.tally.loss(retransmissions: finished.probe.retransmissions)
        self.session.reporter?.error(class: kind, sentence, status)
        if self.session.reporter == nil { self.console.fail("\(what) failed: \(sentence)") }
        return status
    }

    private func say(_ text: String) {
        guard self.options.printsText else { return }
        self.console.out(text + "\n")
        self.console.flush()
    }
}
