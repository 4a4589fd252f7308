import SIPKit

/// Loads of requests that each may be challenged, redirected or go over a connection: `-P N` or `--concurrency N` in
/// flight, or `--rate` a second.
///
/// `-U` registers many users, each with its own password (`--users`, or `-b` to `-e`): a rate goes through them again and
/// again while it lasts; without one every user registers once. One request, again and again, is what `--rate` and
/// `--concurrency` send over connections; over UDP ``LoadMode`` is quicker.
final class PooledLoadMode {
    enum Work {
        case register(UserList)
        case request(Draft)
    }

    private let session: Session
    private let work: Work
    private let pool: ProbePool
    private var outcome = LoadOutcome()
    /// When each registration should have begun.
    private var planned: [Int: MonotonicTime] = [:]
    private var firstSent = MonotonicTime.zero
    private var firstRefusal: SIPMessage?
    private var unauthorized = 0
    private var digests: [String: DigestClient] = [:]
    private static let mostRemembered = 200_000
    /// How long the open loop sleeps between two looks at its plan.
    private static let quantum: Duration = .microseconds(300)

    private var options: SipsakOptions { self.session.options }

    init(session: Session, _ work: Work) {
        self.session = session
        self.work = work
        self.pool = ProbePool(session: session)
        self.pool.finished = { [unowned self] tag, finished in self.finished(tag, finished) }
    }

    func run() -> ExitStatus {
        let wire = self.session.wire
        let bar = ProgressBar(self.options, isTerminal: self.session.console.escapesErrors) {
            self.session.console.err($0)
        }
        let start = wire.now()
        self.firstSent = start
        var next = 0
        let pace = self.options.rate
        let window = self.options.concurrency ?? (pace == nil ? self.options.processes : 100_000)
        let total = pace?.total ?? self.options.count ?? self.usualCount
        var shown = start
        while next < total || self.pool.count > 0, !self.pool.isInterrupted {
            let now = wire.now()
            let due = pace.map { $0.due(at: (now - start).wholeNanoseconds) } ?? total
            while next < due, self.pool.count < window {
                self.begin(next, at: pace.map { start + .nanoseconds($0.time(of: next)) } ?? now)
                next += 1
            }
            let isPlanned = pace != nil && next < total
            self.pool.step(until: now + (isPlanned ? Self.quantum : .seconds(1)))
            if now - shown > .milliseconds(250) {
                shown = now
                bar.show(
                    done: Int64(self.outcome.answered + self.outcome.lost), of: Int64(total),
                    count: self.outcome.answered, now - start)
            }
        }
        bar.clear()
        let last = wire.now()
        self.outcome.elapsed = last - start
        self.outcome.isInterrupted = self.pool.isInterrupted
        self.outcome.strays = self.pool.strays
        self.outcome.lost += self.pool.count
        return self.isOriginal ? self.tellOriginal(last) : LoadPrinter(session: self.session).tell(self.outcome)
    }

    /// `-P` alone is the original's option, with the original's output; the worst result wins.
    private var isOriginal: Bool {
        if case .request = self.work { return false }
        return self.options.concurrency == nil && self.options.rate == nil && self.options.usersFile == nil
    }

    private func tellOriginal(_ last: MonotonicTime) -> ExitStatus {
        self.session.tally.load(self.outcome)
        var status = self.outcome.status
        if status == .ok || status == .rejected, self.unauthorized > 0 { status = .unauthorized }
        if self.outcome.lost > 0, status != .interrupted { status = .remote }
        self.session.reporter?.summary(self.session.tally, status)
        let mode = UsrlocMode(session: self.session)
        if status == .ok {
            mode.summarize(first: self.firstSent, last, retransmissions: self.outcome.retransmissions)
        } else if let reply = self.firstRefusal {
            _ = mode.rejected(reply, "didn't received '200 OK' on register (see above). aborting")
        }
        if status == .ok, let limit = self.options.nagiosWarn, self.outcome.retransmissions > limit { return .warning }
        return status
    }

    private var usualCount: Int {
        switch self.work {
        case .register(let users): users.count
        case .request: 10_000
        }
    }

    private func begin(_ number: Int, at plan: MonotonicTime) {
        let draft: Draft
        let digest: DigestClient?
        switch self.work {
        case .register(let users):
            let user = users[number]
            draft = self.session.factory.register(
                self.session.target, user: user.name, contact: "<\(self.session.factory.contact(of: user.name))>",
                expires: self.options.expires, maxForwards: self.options.maxForwards)
            digest = self.digests[user.name] ?? self.session.digest(for: user.name, password: user.password)
        case .request(let template):
            draft = self.session.factory.anew(template)
            digest = self.digests[""] ?? self.session.digest(for: self.session.target.user)
        }
        self.outcome.sent += 1
        self.outcome.lateness.add(self.session.wire.now() - plan)
        self.planned[number] = plan
        self.pool.start(draft, tag: number, digest: digest)
    }

    private func finished(_ number: Int, _ finished: Session.Finished) {
        let plan = self.planned.removeValue(forKey: number)
        self.outcome.retransmissions += finished.probe.retransmissions
        let reply: Probe.Reply
        switch finished.ending {
        case .answered(let answer): reply = answer
        case .refused(_, let answer):
            self.unauthorized += 1
            reply = answer
        case .unreachable(let code):
            self.outcome.refused = code
            self.outcome.lost += 1
            return
        default:
            self.outcome.lost += 1
            return
        }
        // A user that comes again answers with the nonce it knows, as a phone does.
        if self.digests.count < Self.mostRemembered, let digest = finished.probe.digest, !digest.isEmpty {
            switch self.work {
            case .register(let users): if self.options.rate != nil { self.digests[users[number].name] = digest }
            case .request: self.digests[""] = digest
            }
        }
        let code = reply.message.statusCode
        self.outcome.answered += 1
        self.outcome.codes[code, default: 0] += 1
        if self.options.isGood(code) {
            self.outcome.good += 1
        } else if self.firstRefusal == nil {
            self.firstRefusal = reply.message
        }
        self.outcome.times.add(reply.arrived - finished.probe.lastSent)
        if let plan { self.outcome.corrected.add(reply.arrived - plan) }
    }
}
