import SIPKit

/// `--scenario FILE`: sends, receives, waits and checks as a ``ScenarioFile`` says. The first step that does not come out
/// as expected ends it with code 5.
final class ScenarioMode {
    private let session: Session
    private let scenario: ScenarioFile
    private var marks: [MarkReplacement]
    private var digest: DigestClient?
    /// What the last answered INVITE set up, and where it went.
    private var dialog: (dialog: Dialog, place: SocketAddress)?
    /// Requests that came while something else was waited for.
    private var waiting: [(SIPMessage, SocketAddress)] = []
    private static let mostWaiting = 1000

    private var console: any Console { self.session.console }
    private var options: SipsakOptions { self.session.options }

    private struct Failed: Error {
        let status: ExitStatus
        let sentence: String
    }

    init(session: Session, scenario: ScenarioFile) {
        self.session = session
        self.scenario = scenario
        let target = session.target
        self.marks = [
            MarkReplacement(name: "dsthost", value: target.hostPort),
            MarkReplacement(name: "srchost", value: session.factory.host),
            MarkReplacement(name: "port", value: "\(session.factory.port)"),
            MarkReplacement(name: "user", value: target.user ?? ""),
            MarkReplacement(name: "uri", value: target.text),
            MarkReplacement(name: "contact", value: "<\(session.factory.contact)>"),
        ]
        // What the command line sets outweighs the file.
        self.marks = session.options.details.marks + scenario.marks + self.marks
        self.digest = session.digest(for: target.user)
    }

    func run() -> ExitStatus {
        var status = ExitStatus.ok
        for (index, step) in self.scenario.steps.enumerated() {
            do throws(Failed) {
                try self.perform(step, index + 1)
            } catch {
                status = error.status
                if status != .interrupted {
                    self.session.reporter?.error(
                        class: status == .assertion ? "assertion" : "timeout", "step \(index + 1): \(error.sentence)",
                        status)
                    if self.session.reporter == nil { self.console.fail("step \(index + 1): \(error.sentence)") }
                }
                break
            }
            self.console.flush()
        }
        if status == .ok { self.say("scenario of \(self.scenario.steps.count) steps completed") }
        self.session.reporter?.summary(self.session.tally, status)
        return status
    }

    private func fill(_ text: String) -> String {
        String(decoding: Draft.filled(Array(text.utf8), self.marks), as: UTF8.self)
    }

    private func perform(_ step: ScenarioFile.Step, _ number: Int) throws(Failed) {
        switch step.action {
        case .wait(let time):
            let end = self.session.wire.now() + time
            while let found = self.session.awaitRequest(until: end, { _, _ in true }) { self.keep(found.0, found.1) }
            if self.session.wire.now() < end { throw Failed(status: .interrupted, sentence: "interrupted") }
        case .print(let text): self.say(self.console.line(self.fill(text).utf8))
        case .send(let send): try self.send(send, step, number)
        case .receive(let receive): try self.receive(receive, step, number)
        }
    }

    private func keep(_ request: SIPMessage, _ source: SocketAddress) {
        guard self.waiting.count < Self.mostWaiting else { return }
        // A repeat of what is kept already: the sender has not heard from us.
        let isRepeat = self.waiting.contains {
            $0.0.callID.elementsEqual(request.callID) && $0.0.text(.cSeq) == request.text(.cSeq)
        }
        if !isRepeat { self.waiting.append((request, source)) }
    }

    // MARK: Sending

    private func send(_ send: ScenarioFile.Send, _ step: ScenarioFile.Step, _ number: Int) throws(Failed) {
        let uri = send.uri.map { self.fill($0) } ?? self.session.target.text
        var draft: Draft
        var place = self.session.destination
        if send.inDialog {
            guard let dialog else {
                throw Failed(status: .assertion, sentence: "no INVITE was answered, so there is no dialog")
            }
            draft = dialog.dialog.request(
                send.method, branch: self.session.factory.ids.branch(), sequence: self.session.factory.nextSequence())
            place = dialog.dialog.nextHop.flatMap { self.session.address(of: $0) } ?? dialog.place
        } else {
            draft = self.session.factory.options(
                self.session.target, method: send.method, maxForwards: self.options.maxForwards)
            draft.uri = Array(uri.utf8)
            draft.set(.to, "<\(uri)>")
            if send.method == "REGISTER" {
                draft.uri = Array((send.uri.map { self.fill($0) } ?? self.session.target.text(user: nil)).utf8)
                draft.set(.to, "<\(self.session.target.text)>")
                self.session.factory.identify(&draft, as: self.session.target.text)
            }
            self.options.details.dress(&draft)
        }
        for header in send.headers { draft.set(named: header.name, self.fill(header.value)) }
        if let body = send.body {
            draft.body = Array(self.fill(body).utf8)
            draft.set(.contentType, send.type ?? "text/plain")
            draft.set(.contentLength, "\(draft.body.count)")
        }
        var observer = Session.Observer()
        observer.request = { request, source in self.keep(request, source) }
        let finished = self.session.run(draft, to: place, digest: self.digest, presents: true, observer)
        self.digest = finished.probe.digest
        let reply: Probe.Reply
        switch finished.ending {
        case .answered(let answer), .refused(_, let answer): reply = answer
        default:
            let (_, _, sentence, status) = PingMode.reason(finished, self.console)
            self.session.tally.loss(retransmissions: finished.probe.retransmissions)
            throw Failed(status: status, sentence: "\(send.method): \(sentence)")
        }
        let message = reply.message
        let time = reply.arrived - finished.probe.lastSent
        let isExpected = send.expected.contains { $0 ~= message.statusCode }
        self.session.tally.answer(
            message, time: time, isGood: isExpected, retransmissions: finished.probe.retransmissions)
        self.session.reporter?.step(send.method.lowercasedASCII, user: self.session.target.user ?? "", finished, reply)
        let told = "\(message.statusCode) \(self.console.line(message[message.reason]))"
        self.say("step \(number): \(send.method): \(told) after \(Milliseconds.text(time)) ms")
        guard isExpected else {
            let wanted = send.expected.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound / 100)xx" }
            throw Failed(
                status: .assertion,
                sentence: "\(send.method): expected \(wanted.joined(separator: " or ")), got \(told)")
        }
        if send.method == "INVITE", 200...299 ~= message.statusCode,
            let dialog = Dialog(request: finished.probe.draft, reply: message)
        {
            self.dialog = (dialog, finished.place)
        }
        try self.look(at: message, step)
    }

    // MARK: Receiving

    private func receive(_ receive: ScenarioFile.Receive, _ step: ScenarioFile.Step, _ number: Int) throws(Failed) {
        let wanted = { (request: SIPMessage) in request.methodText == receive.method }
        var found: (SIPMessage, SocketAddress)?
        if let index = self.waiting.firstIndex(where: { wanted($0.0) }) {
            found = self.waiting.remove(at: index)
        } else {
            let end = self.session.wire.now() + receive.within
            found = self.session.awaitRequest(until: end) { request, source in
                if !wanted(request) { self.keep(request, source) }
                return wanted(request)
            }
        }
        guard let (request, source) = found else {
            throw Failed(
                status: .assertion,
                sentence: "no \(receive.method) came within \(Milliseconds.short(receive.within)) ms")
        }
        self.say("step \(number): received \(receive.method) from \(source)")
        if request.method != .ack {
            var answer = Draft(
                text: Answer.bytes(
                    to: request, receive.code, ReasonPhrase.text(receive.code), tag: self.session.factory.ids.hex(8),
                    contact: "<\(self.session.factory.contact)>"))
            for header in receive.headers { answer.set(named: header.name, self.fill(header.value)) }
            self.session.wire.send(answer.bytes(), to: source)
        }
        try self.look(at: request, step)
    }

    // MARK: Checks

    private func look(at message: SIPMessage, _ step: ScenarioFile.Step) throws(Failed) {
        for check in step.checks {
            let value = self.value(check.name, message)
            guard let value else { throw Failed(status: .assertion, sentence: "there is no \(check.name)") }
            guard ReplySearch(check.value)?.matches(value) == true else {
                throw Failed(
                    status: .assertion,
                    sentence:
                        "\(check.name) is '\(self.console.line(value.prefix(200)))', which '\(check.value)' does not match"
                )
            }
        }
        for save in step.saves {
            guard let value = self.value(save.value, message) else {
                throw Failed(status: .assertion, sentence: "there is no \(save.value) to save")
            }
            self.marks.removeAll { $0.name == save.name }
            // A line end in a peer's value would begin a header of the next request.
            let clean = value.filter { $0 != ASCII.cr && $0 != ASCII.lf && $0 != 0 }
            self.marks.insert(MarkReplacement(name: save.name, value: String(decoding: clean, as: UTF8.self)), at: 0)
        }
    }

    /// A header's value; `body` is the body.
    private func value(_ name: String, _ message: SIPMessage) -> [UInt8]? {
        if name == "body" { return Array(message[message.body]) }
        return message.first(named: name).map { Array(message[$0]) }
    }

    private func say(_ text: String) {
        guard self.options.printsText else { return }
        self.console.out(text + "\n")
        self.console.flush()
    }
}
