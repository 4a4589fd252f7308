import SIPKit
import SIPNet

/// `--rate` (open loop) and `--concurrency` (closed loop): many requests, with what the server made of them.
struct LoadMode {
    let session: Session
    let draft: Draft

    private var console: any Console { self.session.console }
    private var options: SipsakOptions { self.session.options }

    func run() throws -> ExitStatus {
        var settings = UDPEndpoint.Options()
        settings.timestamps = true
        settings.datagramSize = 4096
        settings.receiveBuffer = 16 << 20
        let local = self.session.wire.local
        let any: IPAddress = local.ip.family == .v4 ? .anyV4 : .anyV6
        let endpoint = try UDPEndpoint(
            bind: SocketAddress(self.options.localIP ?? any, 0), connect: self.session.destination, options: settings)
        var draft = self.draft
        // The load has a socket of its own: answers come to its port.
        self.session.factory.readdress(&draft, port: endpoint.localAddress.port)
        let template = LoadTemplate(draft, ids: &self.session.factory.ids)
        let plan: LoadRunner.Plan
        if let rate = self.options.rate {
            plan = .open(rate)
        } else {
            plan = .closed(total: self.options.count ?? 10_000)
        }
        let policy = self.session.policy
        let ledger = LoadLedger(
            t1: policy.t1, timeout: policy.timeout, limit: self.options.concurrency ?? Self.mostOpen)
        let runner = LoadRunner(
            endpoint: endpoint, template: template, plan: plan, ledger: ledger,
            interrupts: try? SignalWatch([2]))
        let bar = ProgressBar(self.options, isTerminal: self.console.escapesErrors) { self.console.err($0) }
        runner.progress = { ledger, elapsed in
            switch plan {
            case .open(let pace):
                bar.show(done: elapsed.wholeNanoseconds, of: pace.length, count: ledger.answered, elapsed)
            case .closed(let total):
                bar.show(done: Int64(ledger.answered + ledger.lost), of: Int64(total), count: ledger.answered, elapsed)
            }
        }
        runner.run()
        bar.clear()
        let counted = runner.ledger
        var outcome = LoadOutcome()
        outcome.sent = counted.sent
        outcome.answered = counted.answered
        outcome.good = counted.codes.indices.filter { self.options.isGood($0) }.reduce(0) { $0 + counted.codes[$1] }
        outcome.lost = counted.lost
        outcome.retransmissions = counted.retransmissions
        outcome.strays = counted.strays
        for (code, count) in counted.codes.enumerated() where count > 0 { outcome.codes[code] = count }
        outcome.times = counted.times
        outcome.corrected = counted.corrected
        outcome.lateness = counted.lateness
        outcome.elapsed = runner.elapsed
        outcome.isInterrupted = runner.isInterrupted
        outcome.refused = runner.refused
        return LoadPrinter(session: self.session).tell(outcome)
    }

    /// How many requests an open loop may have on their way: 60 MB of memory.
    private static let mostOpen = 1_000_000
}
