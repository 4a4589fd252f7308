import SIPKit

/// The default: one request (OPTIONS, or a file with `-f`), its final answer, the exit code. `-A` repeats it and prints
/// the times.
struct ShootMode {
    let session: Session
    let draft: Draft
    let search: ReplySearch?

    private var console: any Console { self.session.console }
    private var options: SipsakOptions { self.session.options }

    func run() -> ExitStatus {
        let printer = ReplyPrinter(session: self.session)
        printer.begin(self.draft)
        var next = self.draft
        var digest = self.session.digest(for: self.session.target.user)
        var times: [Duration] = []
        var worst = ExitStatus.ok
        let runs = Swift.max(1, self.options.runs)
        let bar = ProgressBar(self.options, isTerminal: self.console.escapesErrors && self.options.verbosity == 0) {
            self.console.err($0)
        }
        defer { bar.clear() }
        let begun = self.session.wire.now()
        for run in 0..<runs {
            bar.show(done: Int64(run), of: Int64(runs), count: run, self.session.wire.now() - begun)
            guard self.session.pause() else { return .interrupted }
            if run > 0 {
                next = self.session.factory.again(next)
                next.remove(.authorization)
                next.remove(.proxyAuthorization)
                printer.nextRequest()
            }
            let before = (sends: self.session.sends, first: self.session.firstSent)
            let finished = self.session.run(next, digest: digest, self.observer(printer, before))
            digest = finished.probe.digest
            next = finished.probe.draft
            let status = self.tell(finished, printer, before, &times)
            if status != .ok { worst = Self.worse(worst, status) }
            if self.options.hangsUp { self.hangUp(finished) }
            if status == .interrupted { break }
            if case .unreachable = finished.ending { return status }
        }
        if self.options.runs > 0 { self.console.out(Self.summary(times) + "\n") }
        if worst == .ok, let limit = self.options.nagiosWarn, self.session.retransmissions > limit { return .warning }
        return worst
    }

    /// `--hangup`: an INVITE that was answered does not stay up.
    private func hangUp(_ finished: Session.Finished) {
        guard case .answered(let reply) = finished.ending, 200...299 ~= reply.message.statusCode,
            finished.probe.draft.method == Array("INVITE".utf8),
            let dialog = Dialog(request: finished.probe.draft, reply: reply.message)
        else { return }
        let bye = dialog.bye(branch: self.session.factory.ids.branch(), sequence: self.session.factory.nextSequence())
        let place = dialog.nextHop.flatMap { self.session.address(of: $0) } ?? finished.place
        let ended = self.session.run(
            bye, to: place, digest: finished.probe.digest, counts: false, Session.Observer())
        if case .answered(let answer) = ended.ending, 200...299 ~= answer.message.statusCode { return }
        self.console.warn("BYE was not accepted: \(PingMode.reason(ended, self.console).2)")
    }

    /// No answer outweighs a wrong one, and that a right one.
    private static func worse(_ left: ExitStatus, _ right: ExitStatus) -> ExitStatus {
        left == .ok || right == .interrupted ? right : left == .remote ? left : right
    }

    /// `min/avg/max ms` over the answered runs.
    static func summary(_ times: [Duration]) -> String {
        let nanoseconds = times.map(\.wholeNanoseconds)
        let mean = nanoseconds.isEmpty ? 0 : nanoseconds.reduce(0, +) / Int64(nanoseconds.count)
        let values = [nanoseconds.min() ?? 0, mean, nanoseconds.max() ?? 0]
        return values.map { Milliseconds.text(nanoseconds: $0) }.joined(separator: "/") + " ms"
    }

    // MARK: Telling

    private typealias Before = (sends: Int, first: MonotonicTime?)

    private func observer(_ printer: ReplyPrinter, _ before: Before) -> Session.Observer {
        var observer = Session.Observer()
        // How many requests this run has sent and when, for the two forms of the time lines.
        var sends = before.sends
        var last = self.session.wire.now()
        observer.sent = { bytes, place in
            sends += 1
            last = self.session.wire.now()
            printer.sent(bytes, to: place)
        }
        observer.report = { report in
            switch report {
            case .timeout(let after):
                if self.options.verbosity > 0 {
                    self.console.out("** timeout after \(Milliseconds.whole(after)) ms**\n")
                }
            case .provisional(let reply):
                guard self.options.verbosity > 1 else { return }
                printer.arrived(reply)
                let first = self.session.firstSent ?? last
                printer.times(reply, probe: (first, last, sends), isFinal: false)
            case .challenged(let reply):
                printer.arrived(reply)
                printer.authorizing(reply)
            case .redirected(let reply):
                printer.arrived(reply)
                printer.redirected(reply)
            case .stray(let stray):
                if self.options.verbosity > 1 {
                    self.console.err(
                        "ignoring a response that is not ours: \(self.console.line(stray.message.startLine))\n")
                }
            }
            self.console.flush()
        }
        return observer
    }

    private func tell(
        _ finished: Session.Finished, _ printer: ReplyPrinter, _ before: Before, _ times: inout [Duration]
    ) -> ExitStatus {
        if case .answered = finished.ending {
        } else {
            self.session.tally.loss(retransmissions: finished.probe.retransmissions)
        }
        switch finished.ending {
        case .answered(let reply):
            let time = reply.arrived - finished.probe.lastSent
            times.append(time)
            self.session.tally.answer(
                reply.message, time: time, isGood: self.options.isGood(reply.message.statusCode),
                retransmissions: finished.probe.retransmissions)
            if self.options.verbosity > 0 {
                printer.arrived(reply)
                let first = before.first ?? finished.probe.firstSent
                printer.times(
                    reply, probe: (first, finished.probe.lastSent, before.sends + finished.probe.sends), isFinal: true)
            }
            return self.judge(reply.message)
        case .timedOut(let after):
            if self.options.verbosity > 0 {
                self.console.out("*** giving up, no final response after \(Milliseconds.text(after)) ms\n")
            }
            return .remote
        case .unreachable(let code):
            if self.options.verbosity > 0 { self.console.out("\n") }
            if self.options.verbosity > 1 { self.console.out("message received\n") }
            printer.unreachable(code)
            return finished.unreachableStatus
        case .refused(let refusal, let reply):
            printer.refused(refusal, reply)
            return .unauthorized
        case .badRedirect(let reason, let reply):
            self.console.fail("cannot follow the redirect (\(self.console.line(reply.message.startLine))): \(reason)")
            return .remote
        case .interrupted: return .interrupted
        }
    }

    private func judge(_ message: SIPMessage) -> ExitStatus {
        guard self.options.isGood(message.statusCode) else { return .rejected }
        guard let search, !search.matches(message.bytes) else { return .ok }
        self.console.fail("RegExp failed")
        return .unmatched
    }
}
