import SIPKit

/// `-T`: the same request with Max-Forwards 0, 1, 2 …, so that every hop in turn answers 483 and shows itself
/// (seed 003, "Tracing Errors in Server Chains").
struct TraceMode {
    let session: Session
    let draft: Draft

    private var console: any Console { self.session.console }
    private var options: SipsakOptions { self.session.options }

    func run() -> ExitStatus {
        let limit = self.options.maxForwards ?? 70
        var template = self.draft
        var place = self.session.destination
        for hop in 0...limit {
            guard self.session.pause() else { return .interrupted }
            if hop > 0 { template = self.session.factory.anew(template) }
            template.remove(.authorization)
            template.remove(.proxyAuthorization)
            template.set(.maxForwards, "\(hop)")
            let finished = self.session.run(
                template, to: place, digest: self.session.digest(for: self.session.target.user), self.observer(hop))
            guard case .answered(let reply) = finished.ending else { return self.failed(finished.ending, hop) }
            self.hopLine(hop, reply, since: finished.probe.lastSent)
            self.console.flush()
            // A redirect was followed: later hops are traced at the new place.
            template = finished.probe.draft
            place = finished.place
            guard reply.message.statusCode == 483 else { return self.final(reply.message) }
        }
        self.console.fail("no final answer within \(limit) hops (-m)")
        return .rejected
    }

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
                if self.options.verbosity > 0 {
                    self.console.out("\(hop): timeout after \(Milliseconds.whole(after)) ms\n")
                }
            case .provisional(let reply): self.hopLine(hop, reply, since: last)
            case .challenged, .stray: break
            case .redirected(let reply): printer.redirected(reply)
            }
            self.console.flush()
        }
        return observer
    }

    /// `N: HOST (X ms) STATUS-LINE`; the host with its port, which the original loses.
    private func hopLine(_ hop: Int, _ reply: Probe.Reply, since sent: MonotonicTime) {
        let time = Milliseconds.text(reply.arrived - sent)
        if self.options.verbosity > 2 {
            self.console.out("\(hop): (\(time) ms)\n")
            self.console.out(message: reply.message.bytes)
            return
        }
        let unknown = self.options.verbosity > 0 ? "'no Warning header found' " : "?? "
        let agent = HopAgent(reply.message).map { "\($0.agent) " } ?? unknown
        self.console.out("\(hop): \(agent)(\(time) ms) \(self.console.line(reply.message.startLine))\n")
    }

    private func final(_ message: SIPMessage) -> ExitStatus {
        if let contact = message.first(.contact) {
            self.console.out("\tContact: \(self.console.line(message[contact]))\n")
        } else {
            self.console.out("\twithout Contact header\n")
        }
        return 200...299 ~= message.statusCode ? .ok : .rejected
    }

    private func failed(_ ending: Probe.Ending, _ hop: Int) -> ExitStatus {
        let printer = ReplyPrinter(session: self.session)
        switch ending {
        case .answered: return .ok
        case .timedOut(let after):
            if self.options.verbosity > 0 {
                self.console.out("*** giving up, no final response after \(Milliseconds.text(after)) ms\n")
            }
            return .remote
        case .unreachable(let code):
            printer.unreachable(code)
            return .remote
        case .refused(let refusal, let reply):
            printer.refused(refusal, reply)
            return .local
        case .badRedirect(let reason, _):
            self.console.fail("cannot follow the redirect at hop \(hop): \(reason)")
            return .remote
        case .interrupted: return .interrupted
        }
    }
}
