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
        return self.tell(runner)
    }

    /// How many requests an open loop may have on their way: 60 MB of memory.
    private static let mostOpen = 1_000_000

    private func tell(_ runner: LoadRunner) -> ExitStatus {
        let ledger = runner.ledger
        let seconds = Double(runner.elapsed.wholeNanoseconds) / 1e9
        let rate = seconds > 0 ? Double(ledger.sent) / seconds : 0
        let good = ledger.codes.indices.filter { self.options.isGood($0) }.reduce(0) { $0 + ledger.codes[$1] }
        self.session.tally.load(ledger, good: good)
        let status: ExitStatus =
            ledger.answered == 0 && ledger.sent > 0 ? .remote : good == ledger.sent ? .ok : .rejected
        if let json = self.session.json {
            json.summary(
                self.session.tally, status,
                more: [
                    ("seconds", .decimal(seconds, places: 6)), ("rate", .decimal(rate, places: 1)),
                    ("corrected_ms", JSONReporter.times(ledger.corrected)),
                    ("lateness_ms", JSONReporter.times(ledger.lateness)), ("strays", .int(ledger.strays)),
                ])
        }
        guard self.options.printsText else { return status }
        let loss = ledger.sent == 0 ? 0 : Double(ledger.lost) * 100 / Double(ledger.sent)
        self.console.out(
            "--- \(ledger.sent) sent in \(JSONText.decimal(seconds, 3)) s (\(JSONText.decimal(rate, 1))/s), "
                + "\(ledger.answered) answered, \(JSONText.decimal(loss, 2))% loss, "
                + "\(ledger.retransmissions) retransmissions\n")
        let codes = ledger.codes.indices.filter { ledger.codes[$0] > 0 }.map { "\($0): \(ledger.codes[$0])" }
        if !codes.isEmpty { self.console.out("codes \(codes.joined(separator: "  "))\n") }
        self.line("rtt", ledger.times)
        if self.options.rate != nil {
            self.line("rtt from plan", ledger.corrected)
            self.console.out(
                "send lateness p50 \(Milliseconds.text(ledger.lateness.percentile(50)))"
                    + "  p99 \(Milliseconds.text(ledger.lateness.percentile(99)))"
                    + "  max \(Milliseconds.text(ledger.lateness.max)) ms\n")
            if ledger.lateness.percentile(99) > .milliseconds(10) {
                self.console.warn(
                    "the generator was behind its plan by \(Milliseconds.text(ledger.lateness.percentile(99))) ms (p99): "
                        + "the rate is more than this machine can send")
            }
        }
        if let code = runner.refused { self.console.warn("ICMP errors came back: \(SocketText.error(code))") }
        return runner.isInterrupted ? .interrupted : status
    }

    private func line(_ name: String, _ samples: LatencySamples) {
        guard !samples.isEmpty else { return }
        let parts = [samples.min, samples.mean, samples.max, samples.deviation].map { Milliseconds.text($0) }
        let percentiles = [(50.0, "p50"), (95, "p95"), (99, "p99"), (99.9, "p99.9")].map {
            "\($0.1) \(Milliseconds.text(samples.percentile($0.0)))"
        }
        self.console.out(
            "\(name) min/avg/max/stddev = \(parts.joined(separator: "/")) ms  \(percentiles.joined(separator: "  "))\n")
    }
}
