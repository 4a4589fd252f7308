import SIPKit

/// `-T`: the same request with Max-Forwards 0, 1, 2 …, so that every hop in turn answers 483 and shows itself
/// (seed 003, "Tracing Errors in Server Chains").
struct TraceMode {
    let session: Session
    let draft: Draft

    private var console: any Console { self.session.console }
    private var options: SipsakOptions { self.session.options }

    func run() -> ExitStatus {
        let status = self.trace()
        self.session.reporter?.summary(self.session.tally, status)
        return status
    }

    private func trace() -> ExitStatus {
        let limit = self.options.maxForwards ?? 70
        var template = self.draft
        var place = self.session.destination
        let printer = HopPrinter(session: self.session)
        var notes = TraceNotes()
        var before: Duration?
        var swept: [Int: Session.Finished] = [:]
        var silent = 0
        for hop in 0...limit {
            guard self.session.pause() else { return .interrupted }
            if hop > 0 { template = self.session.factory.anew(template) }
            template.remove(.authorization)
            template.remove(.proxyAuthorization)
            template.set(.maxForwards, "\(hop)")
            if self.options.isParallel, swept[hop] == nil {
                let sweep = HopSweep(session: self.session, draft: template, policy: self.session.policy)
                swept = sweep.run(hop..<Swift.min(hop + Self.sweepWidth, limit + 1), to: place)
                if swept.isEmpty { return .interrupted }
            }
            let finished =
                swept[hop]
                ?? self.session.run(
                    template, to: place, digest: self.session.digest(for: self.session.target.user), self.observer(hop))
            guard case .answered(let reply) = finished.ending else {
                // With details a hop that says nothing is passed by: the one behind it may answer.
                guard self.options.hopDetail, case .timedOut = finished.ending, silent < 2 else {
                    return self.failed(finished, hop)
                }
                silent += 1
                self.session.tally.loss(retransmissions: finished.probe.retransmissions)
                if self.options.printsText { self.console.out("\(hop): no answer\n") }
                continue
            }
            let time = reply.arrived - finished.probe.lastSent
            let agent = HopAgent(reply.message)
            let odd = notes.add(hop, code: reply.message.statusCode, agent: agent, silentBefore: silent)
            silent = 0
            self.session.tally.answer(
                reply.message, time: time, isGood: self.options.isGood(reply.message.statusCode),
                retransmissions: finished.probe.retransmissions)
            self.session.reporter?.hop(
                hop, reply, time: time, retransmissions: finished.probe.retransmissions, agent: agent, notes: odd)
            if self.options.printsText { printer.line(hop, reply, time: time, agent: agent) }
            if self.options.hopDetail, self.options.printsText {
                printer.detail(reply, time: time, before: before, agent: agent, notes: odd)
            }
            before = time
            self.console.flush()
            // A redirect was followed: later hops are traced at the new place.
            template = finished.probe.draft
            place = finished.place
            guard reply.message.statusCode == 483 else { return self.final(reply.message) }
        }
        self.console.fail("no final answer within \(limit) hops (-m)")
        return .rejected
    }

    /// How many hops `--parallel` asks at once.
    private static let sweepWidth = 8

    private func observer(_ hop: Int) -> Session.Observer {
        let printer = ReplyPrinter(session: self.session)
        var observer = Session.Observer()
        var last = self.session.wire.now()
        observer.sent = { bytes, place in
            last = self.session.wire.now()
            printer.sent(bytes, to: place)
        }
        observer.report = { report in
            switch report {
            case .timeout(let after):
                if self.session.verbosity > 0 {
                    self.console.out("\(hop): timeout after \(Milliseconds.whole(after)) ms\n")
                }
            case .provisional(let reply):
                guard self.options.printsText else { return }
                HopPrinter(session: self.session).line(
                    hop, reply, time: reply.arrived - last, agent: HopAgent(reply.message))
            case .challenged, .stray: break
            case .redirected(let reply): printer.redirected(reply)
            }
            self.console.flush()
        }
        return observer
    }

    private func final(_ message: SIPMessage) -> ExitStatus {
        guard self.options.printsText else { return self.options.isGood(message.statusCode) ? .ok : .rejected }
        if let contact = message.first(.contact) {
            self.console.out("\tContact: \(self.console.line(message[contact]))\n")
        } else {
            self.console.out("\twithout Contact header\n")
        }
        return self.options.isGood(message.statusCode) ? .ok : .rejected
    }

    private func failed(_ finished: Session.Finished, _ hop: Int) -> ExitStatus {
        let printer = ReplyPrinter(session: self.session)
        self.session.tally.loss(retransmissions: finished.probe.retransmissions)
        if let reporter = self.session.reporter {
            let (kind, _, sentence, status) = PingMode.reason(finished, self.console)
            reporter.error(class: kind, "hop \(hop): \(sentence)", status)
        }
        switch finished.ending {
        case .answered: return .ok
        case .timedOut(let after):
            if self.session.verbosity > 0 {
                self.console.out("*** giving up, no final response after \(Milliseconds.text(after)) ms\n")
            }
            return .remote
        case .unreachable(let code):
            printer.unreachable(code)
            return finished.unreachableStatus
        case .refused(let refusal, let reply):
            printer.refused(refusal, reply)
            return .unauthorized
        case .badRedirect(let reason, _):
            self.console.fail("cannot follow the redirect at hop \(hop): \(reason)")
            return .remote
        case .interrupted: return .interrupted
        }
    }
}
