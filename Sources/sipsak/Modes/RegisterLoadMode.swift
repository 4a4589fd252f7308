import SIPKit

/// `-U` for many users at once: `-P N` or `--concurrency N` in flight, or `--rate` a second, each with its own challenge
/// and password (`--users`, or `-b` to `-e`).
///
/// A rate goes through the users again and again while it lasts; without one every user registers once.
final class RegisterLoadMode {
    private let session: Session
    private let users: UserList
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

    init(session: Session, users: UserList) {
        self.session = session
        self.users = users
        self.pool = ProbePool(session: session)
        self.pool.finished = { [unowned self] tag, finished in self.finished(tag, finished) }
    }

    func run() -> ExitStatus {
        let wire = self.session.wire
        let bar = ProgressBar(self.options, isTerminal: self.session.console.escapesErrors) { self.session.console.err($0) }
        let start = wire.now()
        self.firstSent = start
        var next = 0
        let pace = self.options.rate
        let window = self.options.concurrency ?? (pace == nil ? self.options.processes : 100_000)
        let total = pace?.total ?? self.options.count ?? self.users.count
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
        self.options.concurrency == nil && self.options.rate == nil && self.options.usersFile == nil
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

    private func begin(_ number: Int, at plan: MonotonicTime) {
        let user = self.users[number]
        let contact = "<sip:\(user.name)@\(self.session.factory.host):\(self.session.factory.port)>"
        let draft = self.session.factory.register(
            self.session.target, user: user.name, contact: contact, expires: self.options.expires,
            maxForwards: self.options.maxForwards)
        let now = self.session.wire.now()
        self.outcome.sent += 1
        self.outcome.lateness.add(now - plan)
        self.planned[number] = plan
        let digest = self.digests[user.name] ?? self.session.digest(for: user.name, password: user.password)
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
        if self.options.rate != nil, self.digests.count < Self.mostRemembered, let digest = finished.probe.digest {
            self.digests[self.users[number].name] = digest
        }
        let code = reply.message.statusCode
        self.outcome.answered += 1
        self.outcome.codes[code, default: 0] += 1
        if self.options.isGood(code) { self.outcome.good += 1 } else if self.firstRefusal == nil { self.firstRefusal = reply.message }
        self.outcome.times.add(reply.arrived - finished.probe.lastSent)
        if let plan { self.outcome.corrected.add(reply.arrived - plan) }
    }
}
