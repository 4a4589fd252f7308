import SIPKit

/// The closing lines of a load.
struct LoadPrinter {
    let session: Session

    private var console: any Console { self.session.console }
    private var options: SipsakOptions { self.session.options }

    func tell(_ outcome: LoadOutcome) -> ExitStatus {
        let seconds = Double(outcome.elapsed.wholeNanoseconds) / 1e9
        let rate = seconds > 0 ? Double(outcome.sent) / seconds : 0
        self.session.tally.load(outcome)
        let status = outcome.status
        self.session.reporter?.summary(
            self.session.tally, status,
            more: [
                ("seconds", .decimal(seconds, places: 6)), ("rate", .decimal(rate, places: 1)),
                ("corrected_ms", JSONReporter.times(outcome.corrected)),
                ("lateness_ms", JSONReporter.times(outcome.lateness)), ("strays", .int(outcome.strays)),
            ])
        guard self.options.printsText else { return status }
        let loss = outcome.sent == 0 ? 0 : Double(outcome.lost) * 100 / Double(outcome.sent)
        self.console.out(
            "--- \(outcome.sent) sent in \(JSONText.decimal(seconds, 3)) s (\(JSONText.decimal(rate, 1))/s), "
                + "\(outcome.answered) answered, \(JSONText.decimal(loss, 2))% loss, "
                + "\(outcome.retransmissions) retransmissions\n")
        let codes = outcome.codes.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        if !codes.isEmpty { self.console.out("codes \(codes.joined(separator: "  "))\n") }
        self.line("rtt", outcome.times)
        if self.options.rate != nil { self.plan(outcome) }
        if self.options.histogram { self.console.out(Histogram.text(outcome.times)) }
        if let code = outcome.refused { self.console.warn("ICMP errors came back: \(SocketText.error(code))") }
        return status
    }

    /// How well the generator kept to its own plan.
    private func plan(_ outcome: LoadOutcome) {
        self.line("rtt from plan", outcome.corrected)
        self.console.out(
            "send lateness p50 \(Milliseconds.text(outcome.lateness.percentile(50)))"
                + "  p99 \(Milliseconds.text(outcome.lateness.percentile(99)))"
                + "  max \(Milliseconds.text(outcome.lateness.max)) ms\n")
        if outcome.lateness.percentile(99) > .milliseconds(10) {
            self.console.warn(
                "the generator was behind its plan by \(Milliseconds.text(outcome.lateness.percentile(99))) ms (p99): "
                    + "the rate is more than this machine can send")
        }
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
