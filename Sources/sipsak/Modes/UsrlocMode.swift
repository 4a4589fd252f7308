import SIPKit

/// `-U`, `-I`, `-M`: registers a user (or a range of them), calls it or writes to it through the server, and expects the
/// request back on our own socket; with `-z`, removes some again.
struct UsrlocMode {
    let session: Session

    var console: any Console { self.session.console }
    var options: SipsakOptions { self.session.options }
    var verbosity: Int { self.session.verbosity }

    /// A step that did not go as it should has been told; only the code is left.
    struct Failed: Error, Equatable {
        let status: ExitStatus
    }

    func run() -> ExitStatus {
        let status = self.test()
        self.session.reporter?.summary(self.session.tally, status)
        return status
    }

    private func test() -> ExitStatus {
        do throws(Failed) {
            var lastArrival = self.session.wire.now()
            let numbers = self.numbers
            let bar = ProgressBar(self.options, isTerminal: self.console.escapesErrors && self.verbosity == 0) {
                self.console.err($0)
            }
            defer { bar.clear() }
            let begun = self.session.wire.now()
            // A range, never a list: -e may be two thousand million.
            for done in 0..<(numbers?.count ?? 1) {
                bar.show(
                    done: Int64(done), of: Int64(numbers?.count ?? 1), count: done, self.session.wire.now() - begun)
                guard self.session.pause() else { throw Failed(status: .interrupted) }
                lastArrival = try self.user(numbers.map { $0.lowerBound + done })
                self.console.flush()
            }
            self.summarize(lastArrival)
            if let limit = self.options.nagiosWarn, self.session.retransmissions > limit { return .warning }
            return .ok
        } catch {
            return error.status
        }
    }

    /// The numbers behind the user's name; `nil` where there are none.
    private var numbers: ClosedRange<Int>? {
        guard self.hasOwnContact, let end = self.options.end else { return nil }
        return (self.options.begin ?? 0)...end
    }

    /// A contact that was given is registered as it stands: no numbers, no calls.
    private var hasOwnContact: Bool { self.options.contact == .own }

    func name(_ number: Int?) -> String { (self.session.target.user ?? "") + (number.map { "\($0)" } ?? "") }

    /// - Returns: when the last message of this user's test came in.
    private func user(_ number: Int?) throws(Failed) -> MonotonicTime {
        let user = self.name(number)
        var last = self.session.wire.now()
        if self.options.usrloc { last = try self.register(user) }
        if self.hasOwnContact || !self.options.usrloc {
            if self.options.messages { last = try MessageStep(mode: self, user: user).run() }
            if self.options.invites { last = try InviteStep(mode: self, user: user).run() }
            if self.options.messages || self.options.invites, self.verbosity > 0 {
                self.console.out("usrloc for \(user) completed successful\n")
            }
        }
        if self.options.usrloc, self.hasOwnContact, self.options.removalPercent > 0 {
            last = try self.maybeRemove(upTo: number) ?? last
        }
        return last
    }

    // MARK: REGISTER

    private func register(_ user: String) throws(Failed) -> MonotonicTime {
        let own = "<\(self.session.factory.contact(of: user))>"
        let contact: String? =
            switch self.options.contact {
            case .own: own
            case .none: nil
            case .star: "*"
            case .given(let text): text
            }
        let draft = self.session.factory.register(
            self.session.target, user: user, contact: contact,
            expires: self.options.contact == .none ? nil : self.options.expires, maxForwards: self.options.maxForwards)
        let label = "registering user \(user)... "
        let finished = try self.step(draft, user: user, label: label)
        guard case .answered(let reply) = finished.ending else { throw self.failed(finished.ending) }
        guard 200...299 ~= reply.message.statusCode else {
            throw self.rejected(reply.message, "didn't received '200 OK' on register (see above). aborting")
        }
        if self.verbosity > 1 { self.console.out("\tOK\n") }
        if self.verbosity > 2 {
            self.console.out("\n")
            self.console.out(message: reply.message.bytes)
            self.console.out("\n")
        }
        self.verify(own, reply.message)
        return reply.arrived
    }

    /// A registrar answers with every binding there is (RFC 3261 §10.3 step 8): ours has to be among them.
    private func verify(_ own: String, _ message: SIPMessage) {
        guard self.hasOwnContact, self.options.expires > 0, let addresses = try? message.addresses(.contact) else {
            return
        }
        let wanted = Array(own.utf8.dropFirst().dropLast())
        if !addresses.contains(where: { message[$0.uri].elementsEqual(wanted) }) {
            self.console.warn("the registrar's answer does not list our contact \(own)")
        }
    }

    /// Removes the binding of a user that was registered before, by chance (`-z`).
    private func maybeRemove(upTo number: Int?) throws(Failed) -> MonotonicTime? {
        guard Int.random(in: 0..<100, using: &self.session.factory.ids) < self.options.removalPercent else {
            return nil
        }
        let begin = self.options.begin ?? 0
        let chosen = number.map { Int.random(in: begin...Swift.max(begin, $0), using: &self.session.factory.ids) }
        let user = self.name(chosen)
        let contact = "<\(self.session.factory.contact(of: user))>;expires=0"
        let draft = self.session.factory.register(
            self.session.target, user: user, contact: contact, expires: nil, maxForwards: self.options.maxForwards)
        let finished = try self.step(draft, user: user, label: "remove binding for \(user)...")
        guard case .answered(let reply) = finished.ending else { throw self.failed(finished.ending) }
        guard 200...299 ~= reply.message.statusCode else {
            throw self.rejected(
                reply.message, "didn't received the expected 200 on remove bindings request (see above)")
        }
        if self.verbosity > 1 { self.console.out("   OK\n\n") }
        return reply.arrived
    }

    // MARK: One request of a step

    /// Sends a request of this test and tells what the original tells meanwhile.
    func step(
        _ draft: Draft, to place: SocketAddress? = nil, user: String, label: String?,
        request: @escaping (SIPMessage, SocketAddress) -> Void = { _, _ in }
    ) throws(Failed) -> Session.Finished {
        let printer = ReplyPrinter(session: self.session)
        var draft = draft
        if let extra = self.options.extraHeaders { draft.insertFirst(lines: ShootDraft.lines(extra)) }
        if self.session.sends == 0 { printer.begin(draft) }
        if self.verbosity > 1, let label { self.console.out(label) }
        var observer = Session.Observer()
        observer.sent = { bytes, place in printer.sent(bytes, to: place) }
        observer.request = request
        observer.report = { report in
            switch report {
            case .timeout(let after):
                if self.verbosity > 0 { self.console.out("timeout after \(Milliseconds.whole(after)) ms\n") }
            case .provisional(let reply): self.received(reply)
            case .challenged(let reply):
                self.received(reply)
                printer.authorizing(reply)
                if self.verbosity > 1, let label { self.console.out(label) }
            case .redirected(let reply):
                self.received(reply)
                printer.redirected(reply)
            case .stray: break
            }
            self.console.flush()
        }
        let finished = self.session.run(draft, to: place, digest: self.session.digest(for: user), observer)
        if case .answered(let reply) = finished.ending {
            self.received(reply)
            let isGood = 200...299 ~= reply.message.statusCode
            self.session.tally.answer(
                reply.message, time: reply.arrived - finished.probe.lastSent, isGood: isGood,
                retransmissions: finished.probe.retransmissions)
            self.session.reporter?.step(reply.message.methodText.lowercasedASCII, user: user, finished, reply)
        } else {
            self.session.tally.loss(retransmissions: finished.probe.retransmissions)
            if let reporter = self.session.reporter {
                let (kind, _, sentence, status) = PingMode.reason(finished, self.console)
                reporter.error(class: kind, "user \(user): \(sentence)", status)
            }
        }
        return finished
    }

    private func received(_ reply: Probe.Reply) {
        if self.verbosity > 2 {
            self.console.out("\nreceived from: \(self.session.wire.transport.viaName):\(reply.source)\n")
        }
    }

    /// Tells why there is no answer, and gives the code for it.
    func failed(_ ending: Probe.Ending) -> Failed {
        let printer = ReplyPrinter(session: self.session)
        switch ending {
        case .answered: return Failed(status: .rejected)
        case .timedOut(let after):
            if self.verbosity > 0 {
                self.console.out("*** giving up, no final response after \(Milliseconds.text(after)) ms\n")
            }
            return Failed(status: .remote)
        case .unreachable(let code):
            if self.verbosity > 1 { self.console.out("\n") }
            printer.unreachable(code)
            return Failed(status: .remote)
        case .refused(let refusal, let reply):
            printer.refused(refusal, reply)
            return Failed(status: .unauthorized)
        case .badRedirect(let reason, _):
            self.console.fail("cannot follow the redirect: \(reason)")
            return Failed(status: .remote)
        case .interrupted: return Failed(status: .interrupted)
        }
    }

    func rejected(_ message: SIPMessage, _ sentence: String) -> Failed {
        self.console.err("received:\n")
        self.console.err(message: message.bytes)
        self.console.err("\nerror: \(sentence)\n")
        return Failed(status: .rejected)
    }

    // MARK: The end

    private func summarize(_ last: MonotonicTime) {
        guard let first = self.session.firstSent else { return }
        self.summarize(first: first, last, retransmissions: self.session.retransmissions)
    }

    /// The original's closing lines.
    func summarize(first: MonotonicTime, _ last: MonotonicTime, retransmissions: Int) {
        guard self.verbosity > 0 else { return }
        self.console.out("\nAll usrloc tests completed successful.\n")
        self.console.out(
            "received last message \(Milliseconds.text(last - first)) ms after first request (test duration).\n")
        if self.session.repeatedRequests > 0 {
            self.console.out("\(self.session.repeatedRequests) retransmission(s) received from server.\n")
        }
        if retransmissions > 0 {
            self.console.out(
                "\(retransmissions) time(s) the timeout of \(self.options.timerT1) ms exceeded "
                    + "and request was retransmitted.\n")
        }
    }
}

extension String {
    /// ASCII letters in lower case.
    var lowercasedASCII: String { String(decoding: self.utf8.map(ASCII.lowercased), as: UTF8.self) }
}
