import SIPKit
import SIPNet

/// `--call`: a real call with audio. INVITE with an offer, a tone or a WAV file while it lasts, BYE; then what came back is
/// told.
final class CallMode {
    private let session: Session
    private var console: any Console { self.session.console }
    private var options: SipsakOptions { self.session.options }
    private var hasPeerHungUp = false

    init(session: Session) { self.session = session }

    func run() throws -> ExitStatus {
        let source: AudioSource? =
            switch self.options.media {
            case .tone: .tone
            case .none: nil
            case .file(let path):
                AudioSource(samples: try WaveFile(try FileText.read(path, limit: 64 << 20), name: path).samples)
            }
        let audio = try AudioPort(self.session.wire.local.ip, audio: source, ids: &self.session.factory.ids)
        let user = self.session.target.user ?? ""
        var draft = self.session.factory.invite(
            self.session.target, user: user, from: self.options.from, maxForwards: self.options.maxForwards)
        if user.isEmpty { draft.uri = Array(self.session.target.text.utf8) }
        draft.body = MediaOffer.bytes(host: audio.local, session: self.session.factory.ids.call())
        draft.set(.contentLength, "\(draft.body.count)")
        draft.append("Content-Type", "application/sdp")
        draft.set(.subject, "sipsak test call")
        draft.insertFirst(lines: self.options.headerLines.flatMap { ShootDraft.lines($0) })
        self.options.details.dress(&draft)

        try self.session.sign(&draft)
        var ringing: Duration?
        let begun = self.session.wire.now()
        var observer = Session.Observer()
        observer.request = { request, source in self.received(request, from: source, callID: nil) }
        observer.report = { report in
            guard case .provisional(let reply) = report, reply.message.statusCode > 100 else { return }
            if ringing == nil {
                ringing = reply.arrived - begun
                self.say(
                    "\(reply.message.statusCode) \(self.console.line(reply.message[reply.message.reason])) after \(Milliseconds.text(reply.arrived - begun)) ms\n"
                )
            }
        }
        self.say(
            "calling \(self.console.line(self.session.target.text.utf8)) (\(self.session.destination) \(self.session.wire.transport.parameterName))\n"
        )
        let finished = self.session.run(draft, digest: self.session.digest(for: self.session.target.user), observer)
        guard case .answered(let reply) = finished.ending else { return self.failed(finished) }
        let time = reply.arrived - begun
        let isGood = 200...299 ~= reply.message.statusCode
        self.session.tally.answer(
            reply.message, time: time, isGood: isGood, retransmissions: finished.probe.retransmissions)
        self.say(
            "\(reply.message.statusCode) \(self.console.line(reply.message[reply.message.reason])) after \(Milliseconds.text(time)) ms\n"
        )
        guard isGood else {
            self.session.reporter?.summary(self.session.tally, .rejected)
            return .rejected
        }
        if let (place, format) = MediaOffer.audio(in: reply.message) {
            audio.start(to: place, format: format)
        } else {
            self.console.warn("the answer has no audio stream for us")
        }
        let talked = self.talk(audio, reply: reply, finished)
        return self.tell(audio, ringing: ringing, setup: time, talked: talked, reply)
    }

    // MARK: The call

    /// Sends and receives until the time is over or somebody hangs up; how long it was.
    private func talk(_ audio: AudioPort, reply: Probe.Reply, _ finished: Session.Finished) -> Duration {
        let start = self.session.wire.now()
        let end = start + self.options.hold
        let callID = Array(reply.message.callID)
        let match = ReplyMatch(finished.probe.draft)
        var isInterrupted = false
        while !self.hasPeerHungUp, !isInterrupted {
            audio.work()
            let now = self.session.wire.now()
            guard now < end else { break }
            switch self.session.wire.next(until: Swift.min(end, audio.deadline)) {
            case .timeout, .failed: break
            case .interrupted: isInterrupted = true
            case .datagram(let bytes, let source, _):
                guard let message = try? SIPMessage(parsing: bytes) else { continue }
                if message.isRequest {
                    self.received(message, from: source, callID: callID)
                } else if match.accepts(message), 200...299 ~= message.statusCode {
                    self.acknowledge(finished, message)
                }
            }
        }
        let talked = self.session.wire.now() - start
        if !self.hasPeerHungUp { self.hangUp(finished, reply.message, callID) }
        audio.receive()
        return talked
    }

    /// The answer came again: our ACK was lost.
    private func acknowledge(_ finished: Session.Finished, _ message: SIPMessage) {
        guard let dialog = Dialog(request: finished.probe.draft, reply: message) else { return }
        let place = dialog.nextHop.flatMap { self.session.address(of: $0) } ?? finished.place
        self.session.wire.send(dialog.acknowledgement(branch: self.session.factory.ids.branch()).bytes(), to: place)
    }

    /// - Parameter callID: of the call that stands; `nil` before it does.
    private func received(_ request: SIPMessage, from source: SocketAddress, callID: [UInt8]?) {
        let isOurs = callID.map { request.callID.elementsEqual($0) } ?? false
        switch request.method {
        case .ack: return
        case .bye where isOurs:
            self.hasPeerHungUp = true
            self.session.wire.send(Answer.bytes(to: request, 200, "OK", tag: ""), to: source)
        case .options, .info,
            .update where isOurs, .notify where isOurs:
            self.session.wire.send(Answer.bytes(to: request, 200, "OK", tag: "sipsak"), to: source)
        case .invite where isOurs:
            self.session.wire.send(Answer.bytes(to: request, 488, "Not Acceptable Here", tag: ""), to: source)
        default:
            self.session.wire.send(
                Answer.bytes(to: request, 481, "Call/Transaction Does Not Exist", tag: "sipsak"), to: source)
        }
    }

    private func hangUp(_ finished: Session.Finished, _ reply: SIPMessage, _ callID: [UInt8]) {
        guard let dialog = Dialog(request: finished.probe.draft, reply: reply) else { return }
        let bye = dialog.bye(branch: self.session.factory.ids.branch(), sequence: self.session.factory.nextSequence())
        let place = dialog.nextHop.flatMap { self.session.address(of: $0) } ?? finished.place
        var observer = Session.Observer()
        observer.request = { request, source in self.received(request, from: source, callID: callID) }
        let ended = self.session.run(bye, to: place, digest: finished.probe.digest, counts: false, observer)
        if case .answered(let answer) = ended.ending, 200...299 ~= answer.message.statusCode { return }
        self.console.warn("BYE was not accepted: \(PingMode.reason(ended, self.console).2)")
    }

    private func failed(_ finished: Session.Finished) -> ExitStatus {
        // Whoever rings would ring on: CANCEL tells that nobody waits any more (RFC 3261 §9.1).
        if finished.ending == .interrupted || { if case .timedOut = finished.ending { true } else { false } }(),
            finished.probe.hasProvisional
        {
            var cancel = Draft(method: "CANCEL", uri: String(decoding: finished.probe.draft.uri, as: UTF8.self))
            let names: [HeaderID] = [.via, .route, .from, .to, .callID, .maxForwards]
            for id in names {
                for value in finished.probe.draft.values(id) {
                    cancel.append("\(id.name)", String(decoding: value, as: UTF8.self))
                }
            }
            cancel.append("CSeq", "\(finished.probe.draft.sequence ?? 1) CANCEL")
            cancel.append("Content-Length", "0")
            _ = self.session.run(cancel, to: finished.place, digest: nil, counts: false, Session.Observer())
        }
        let (kind, _, sentence, status) = PingMode.reason(finished, self.console)
        self.session.tally.loss(retransmissions: finished.probe.retransmissions)
        self.session.reporter?.error(class: kind, sentence, status)
        self.session.reporter?.summary(self.session.tally, status)
        if self.session.reporter == nil { self.console.fail("the call failed: \(sentence)") }
        return status
    }

    // MARK: Telling

    private func say(_ text: String) {
        guard self.options.printsText else { return }
        self.console.out(text)
        self.console.flush()
    }

    private func tell(
        _ audio: AudioPort, ringing: Duration?, setup: Duration, talked: Duration, _ reply: Probe.Reply
    ) -> ExitStatus {
        let reception = audio.reception
        // A call whose audio did not come through has failed, whatever its signalling says.
        let status: ExitStatus = reception.packets == 0 && self.options.media != .none ? .assertion : .ok
        self.say(
            "call of \(Milliseconds.text(talked)) ms, ended by \(self.hasPeerHungUp ? "the other side" : "us")\n"
                + "audio sent \(audio.sent) packets, received \(reception.packets) of \(reception.expected), "
                + "\(JSONText.decimal(reception.loss, 1))% loss, jitter \(Milliseconds.text(reception.jitter())) ms, "
                + "longest gap \(Milliseconds.text(reception.maximumGap)) ms\n")
        if status != .ok, self.options.printsText { self.console.fail("no audio was received") }
        self.session.reporter?.call(
            setup: setup, ringing: ringing, talked: talked, peerHungUp: self.hasPeerHungUp, sent: audio.sent, reception,
            reply, status)
        self.session.reporter?.summary(self.session.tally, status)
        return status
    }
}
