import SIPKit

/// `--ping`: the same question at a steady pace, a line for each answer, a summary at the end. Also what stands behind
/// `--json` and `--prom` in the default mode, where it asks once.
struct PingMode {
    let session: Session
    let draft: Draft
    let search: ReplySearch?
    /// How often to ask; `nil` until Ctrl-C.
    let count: Int?

    private var console: any Console { self.session.console }
    private var options: SipsakOptions { self.session.options }
    private var palette: Palette { Palette(self.options.color, isTerminal: self.console.escapesOutput) }
    /// Lines for people.
    private var isChatty: Bool { self.options.pings && self.options.printsText }

    func run() -> ExitStatus {
        if self.isChatty {
            let target = self.console.line(self.session.target.text.utf8)
            self.console.out(
                "SIP PING \(target) (\(self.session.destination) \(self.session.wire.transport.parameterName))\n")
            self.console.flush()
        }
        var draft = self.draft
        var digest = self.hasCredentials ? self.session.digest(for: self.session.target.user) : nil
        var worst = ExitStatus.ok
        var next = self.session.wire.now()
        var number = 0
        let end = self.options.deadline.map { self.session.wire.now() + $0 }
        while self.count.map({ number < $0 }) ?? true {
            number += 1
            if number > 1 {
                if let end, next >= end { break }
                guard self.session.wait(until: next) else { break }
                draft = self.session.factory.anew(draft)
                draft.remove(.authorization)
                draft.remove(.proxyAuthorization)
            }
            next = self.session.wire.now() + self.options.interval
            let status = self.ask(number, &draft, &digest)
            if status == .interrupted { break }
            if worst == .ok { worst = status }
            self.console.flush()
        }
        return self.finish(worst)
    }

    /// Without a password the answer to a question without credentials is an answer as well.
    private var hasCredentials: Bool {
        !self.options.pings || self.options.password != nil || self.options.authHash != nil
    }

    // MARK: One question

    private func ask(_ number: Int, _ draft: inout Draft, _ digest: inout DigestClient?) -> ExitStatus {
        let strays = self.session.strays
        var provisional: [Probe.Reply] = []
        var observer = Session.Observer()
        observer.report = { report in
            if case .provisional(let reply) = report { provisional.append(reply) }
        }
        let finished = self.session.run(draft, digest: digest, observer)
        draft = finished.probe.draft
        digest = finished.probe.digest
        let repeats = finished.probe.retransmissions
        var reply: Probe.Reply?
        switch finished.ending {
        case .answered(let answer): reply = answer
        // A challenge that cannot be answered is an answer to a ping.
        case .refused(_, let answer) where !self.hasCredentials: reply = answer
        default: break
        }
        guard let reply else {
            if finished.ending != .interrupted { self.session.tally.loss(retransmissions: repeats) }
            return self.tell(number, finished)
        }
        let time = reply.arrived - finished.probe.lastSent
        let status = self.judge(reply.message)
        self.session.tally.answer(reply.message, time: time, isGood: status == .ok, retransmissions: repeats)
        self.session.reporter?.reply(
            run: number, uri: self.session.target.text, finished, reply, provisional: provisional,
            strays: self.session.strays - strays, lookup: number == 1 ? self.session.lookupTime : nil, status: status)
        if self.isChatty {
            let answer = "\(reply.message.statusCode) \(self.console.line(reply.message[reply.message.reason]))"
            let server = number == 1 ? self.serverName(reply.message) : ""
            if self.options.rings { self.console.out("\u{07}") }
            let again = repeats > 0 ? "  (sent \(repeats + 1)x)" : ""
            self.console.out(
                "\(number): " + self.palette.paint(Columns.left(answer, 11), status == .ok ? .good : .warning)
                    + Columns.right(Milliseconds.text(time), 7) + " ms\(again)\(server)\n")
        }
        return status
    }

    private func serverName(_ message: SIPMessage) -> String {
        guard let range = message.first(.server) ?? message.first(.userAgent) else { return "" }
        return "  " + self.console.line(message[range])
    }

    private func judge(_ message: SIPMessage) -> ExitStatus {
        guard self.options.isGood(message.statusCode) else { return .rejected }
        guard let search, !search.matches(message.bytes) else { return .ok }
        return .unmatched
    }

    private func tell(_ number: Int, _ finished: Session.Finished) -> ExitStatus {
        let (kind, word, detail, status) = Self.reason(finished, self.console)
        guard status != .interrupted else { return status }
        if self.isChatty {
            self.console.out("\(number): " + self.palette.paint(Columns.left(word, 11), .bad) + " (\(detail))\n")
        } else if self.session.reporter == nil {
            self.console.fail(detail)
        }
        self.session.reporter?.error(class: kind, detail, status)
        return status
    }

    /// Class, one word, a sentence, and the code.
    static func reason(_ finished: Session.Finished, _ console: any Console) -> (String, String, String, ExitStatus) {
        switch finished.ending {
        case .answered: return ("reply", "answered", "", .ok)
        case .timedOut(let after):
            let repeats = finished.probe.retransmissions
            return (
                "timeout", "timeout", "retransmitted \(repeats)x, gave up after \(Milliseconds.whole(after)) ms",
                .remote
            )
        case .unreachable(let code):
            return (
                finished.probe.policy.isReliable ? "closed" : "icmp", "unreachable", SocketText.error(code),
                finished.unreachableStatus
            )
        case .refused(_, let reply):
            return ("auth", "refused", "authorization failed: \(console.line(reply.message.startLine))", .unauthorized)
        case .badRedirect(let reason, _): return ("redirect", "redirect", reason, .remote)
        case .interrupted: return ("local", "interrupted", "interrupted", .interrupted)
        }
    }

    // MARK: The end

    private func finish(_ worst: ExitStatus) -> ExitStatus {
        let tally = self.session.tally
        // In a series one code cannot tell all; silence throughout is 3, anything not good is 1.
        var status = worst
        if self.options.pings, worst != .ok {
            status = tally.answered == 0 && tally.sent > 0 ? worst == .unauthorized ? worst : .remote : .rejected
        }
        self.session.reporter?.summary(tally, status)
        guard self.isChatty else { return status }
        let samples = tally.samples
        self.console.out(
            "--- \(tally.sent) sent, \(tally.answered) answered, \(JSONText.decimal(tally.loss, 1))% loss, "
                + "\(tally.retransmissions) retransmission\(tally.retransmissions == 1 ? "" : "s")\n")
        guard !samples.isEmpty else { return status }
        let parts = [samples.min, samples.mean, samples.max, samples.deviation].map { Milliseconds.text($0) }
        let percentiles = [50.0, 95, 99].map { "p\(Int($0)) \(Milliseconds.text(samples.percentile($0)))" }
        self.console.out(
            "rtt min/avg/max/stddev = \(parts.joined(separator: "/")) ms  \(percentiles.joined(separator: "  "))\n")
        if self.options.histogram { self.console.out(Histogram.text(samples)) }
        return status
    }
}
