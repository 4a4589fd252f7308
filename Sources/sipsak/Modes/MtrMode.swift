import SIPKit

/// `--mtr`: the trace again and again, as mtr(8) does it: loss and times for each hop. With `--count N` a report at the
/// end; without, on a terminal, a table that is drawn anew after each round.
struct MtrMode {
    let session: Session
    let draft: Draft

    private var console: any Console { self.session.console }
    private var options: SipsakOptions { self.session.options }

    /// One line of the table.
    struct Hop {
        var names: [String] = []
        var sent = 0
        var samples = LatencySamples()
        var last: Duration?
        var answer = ""

        var loss: Double { self.sent == 0 ? 0 : Double(self.sent - self.samples.count) * 100 / Double(self.sent) }
    }

    private struct Stopped: Error {}

    func run() -> ExitStatus {
        var hops: [Hop] = []
        var rounds = 0
        var status = ExitStatus.remote
        let isLive = self.options.count == nil && self.console.escapesOutput && self.options.printsText
        var next = self.session.wire.now()
        let end = self.options.deadline.map { next + $0 }
        while self.options.count.map({ rounds < $0 }) ?? true {
            if let end, rounds > 0, next >= end { break }
            if rounds > 0, !self.session.wait(until: next) { break }
            next = self.session.wire.now() + self.options.interval
            do throws(Stopped) {
                status = try self.round(&hops)
                rounds += 1
            } catch {
                break
            }
            if isLive {
                self.console.out("\u{1B}[H\u{1B}[2J")
                self.table(hops, rounds: rounds)
                self.console.flush()
            }
        }
        if let reporter = self.session.reporter {
            reporter.summary(self.session.tally, status, more: [("hops", .array(hops.enumerated().map(Self.json)))])
        } else if !isLive {
            self.table(hops, rounds: rounds)
        }
        return status
    }

    /// Every hop `--probes` times; the status of the final answer.
    ///
    /// The first round walks along the path. Later ones ask all known hops at once, and walk on where the path got longer.
    private func round(_ hops: inout [Hop]) throws(Stopped) -> ExitStatus {
        var policy = self.session.policy
        if self.options.timeout == nil { policy.timeout = .seconds(2) }
        guard !hops.isEmpty else { return try self.walk(from: 0, &hops, policy) }
        let sweep = HopSweep(session: self.session, draft: self.draft, policy: policy)
        var status = ExitStatus.remote
        for _ in 0..<self.options.probes {
            let known = hops.count
            let results = sweep.run(0..<known, to: self.session.destination)
            guard results.count == known else { throw Stopped() }
            var end: ExitStatus?
            for number in 0..<known {
                guard let finished = results[number] else { continue }
                end = self.add(finished, number, &hops)
                if end != nil {
                    // The path is shorter than before: what lies behind its end is no hop.
                    hops.removeSubrange((number + 1)...)
                    break
                }
            }
            let isSilent = hops.last.map { $0.last == nil } ?? true
            if let end { status = end } else if !isSilent { status = try self.walk(from: known, &hops, policy) }
        }
        return status
    }

    private func walk(from first: Int, _ hops: inout [Hop], _ policy: Probe.Policy) throws(Stopped) -> ExitStatus {
        let limit = self.options.maxForwards ?? 70
        guard first <= limit else { return .rejected }
        let sweep = HopSweep(session: self.session, draft: self.draft, policy: policy)
        var silent = 0
        for number in first...limit {
            let results = sweep.run(number..<(number + 1), to: self.session.destination)
            guard let finished = results[number] else { throw Stopped() }
            if hops.count == number { hops.append(Hop()) }
            if let end = self.add(finished, number, &hops) { return end }
            guard case .answered = finished.ending else {
                silent += 1
                // A hop may swallow what others answer; three in a row are the end of the road.
                if silent == 3 { return .remote }
                continue
            }
            silent = 0
        }
        return .rejected
    }

    /// Counts one answer in; the status of the path when it is the final one.
    private func add(_ finished: Session.Finished, _ number: Int, _ hops: inout [Hop]) -> ExitStatus? {
        hops[number].sent += 1
        guard case .answered(let reply) = finished.ending else {
            self.session.tally.loss(retransmissions: finished.probe.retransmissions)
            hops[number].answer = PingMode.reason(finished, self.console).1
            hops[number].last = nil
            return nil
        }
        self.take(reply, finished, &hops[number])
        guard reply.message.statusCode != 483 else { return nil }
        return self.options.isGood(reply.message.statusCode) ? .ok : .rejected
    }

    private func take(_ reply: Probe.Reply, _ finished: Session.Finished, _ hop: inout Hop) {
        let time = reply.arrived - finished.probe.lastSent
        let name = HopAgent(reply.message)?.agent ?? "??"
        if !hop.names.contains(name) { hop.names.append(name) }
        hop.samples.add(time)
        hop.last = time
        hop.answer = "\(reply.message.statusCode) \(self.console.line(reply.message[reply.message.reason]))"
        self.session.tally.answer(
            reply.message, time: time, isGood: self.options.isGood(reply.message.statusCode),
            retransmissions: finished.probe.retransmissions)
    }

    private func table(_ hops: [Hop], rounds: Int) {
        let palette = Palette(self.options.color, isTerminal: self.console.escapesOutput)
        let target = self.console.line(self.session.target.text.utf8)
        self.console.out(
            "SIP trace to \(target) (\(self.session.destination) \(self.session.wire.transport.parameterName)), \(rounds) round\(rounds == 1 ? "" : "s")\n"
        )
        let width = Swift.max(20, hops.flatMap(\.names).map(\.unicodeScalars.count).max() ?? 0)
        let titles = ["Loss%", "Snt", "Last", "Avg", "Best", "Wrst", "StDev"]
        let widths = [7, 6, 9, 9, 9, 9, 9]
        self.console.out(
            palette.paint(
                "Hop  " + Columns.left("Agent", width) + zip(titles, widths).map { Columns.right($0, $1) }.joined()
                    + "  Answer", .bold) + "\n")
        for (number, hop) in hops.enumerated() {
            let samples = hop.samples
            let times = [hop.last ?? .zero, samples.mean, samples.min, samples.max, samples.deviation]
            let cells =
                ["\(JSONText.decimal(hop.loss, 1))%", "\(hop.sent)"]
                + (samples.isEmpty ? Array(repeating: "-", count: 5) : times.map { Milliseconds.text($0) })
            let tone: Palette.Tone = hop.loss > 0 ? .bad : .good
            self.console.out(
                Columns.right("\(number)", 3) + "  " + Columns.left(hop.names.first ?? "???", width)
                    + palette.paint(Columns.right(cells[0], widths[0]), tone)
                    + zip(cells.dropFirst(), widths.dropFirst()).map { Columns.right($0, $1) }.joined()
                    + "  \(hop.answer)\n")
            // The path changed between rounds.
            for other in hop.names.dropFirst() { self.console.out("     \(other)\n") }
        }
    }

    private static func json(_ number: Int, _ hop: Hop) -> JSONText {
        .object([
            ("hop", .int(number)), ("agents", .array(hop.names.map { .text($0) })), ("sent", .int(hop.sent)),
            ("lost", .int(hop.sent - hop.samples.count)), ("answer", .text(hop.answer)),
            (
                "rtt_ms",
                hop.samples.isEmpty
                    ? .null
                    : .object([
                        ("min", .milliseconds(hop.samples.min)), ("mean", .milliseconds(hop.samples.mean)),
                        ("max", .milliseconds(hop.samples.max)), ("stddev", .milliseconds(hop.samples.deviation)),
                    ])
            ),
        ])
    }
}
