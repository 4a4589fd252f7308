import SIPKit

/// `-R`: sends damaged requests and looks whether the server survives. With `--seed` the same damage comes again.
///
/// The original's way (`--mutator byte`, the default) damages one request more and more. The other mutators damage a fresh
/// one each time. A damaged request may rightly be ignored, so it takes a good one without an answer to call the server
/// dead: after three silent rounds, or with `--watch` after each.
struct RandomMode {
    let session: Session

    private var console: any Console { self.session.console }
    private var options: SipsakOptions { self.session.options }
    private var isOriginal: Bool { self.options.fuzz.kinds.isEmpty || self.options.fuzz.kinds == [.byte] }

    func run() -> ExitStatus {
        let host = TargetURI(host: self.session.target.host, port: self.session.target.port)
        let whole = self.session.factory.options(host, maxForwards: self.options.maxForwards).bytes()
        var message = whole
        let kinds = self.options.fuzz.kinds.isEmpty ? [Mutator.Kind.byte] : self.options.fuzz.kinds
        let rounds = Swift.max(1, Swift.min(self.options.trashCount ?? whole.count, ShootDraft.limit))
        let bar = ProgressBar(self.options, isTerminal: self.console.escapesErrors) { self.console.err($0) }
        defer { bar.clear() }
        let begun = self.session.wire.now()
        var silent = 0
        for round in 1...rounds {
            guard self.session.pause() else { return .interrupted }
            if !self.isOriginal {
                let fresh = self.session.factory.options(host, maxForwards: self.options.maxForwards)
                message = fresh.bytes()
            }
            let kind = kinds.count == 1 ? kinds[0] : kinds[self.session.factory.ids.below(kinds.count)]
            let damage = Mutator.damage(message, kind, &self.session.factory.ids)
            if damage.bytes.count <= ShootDraft.limit, !damage.bytes.isEmpty { message = damage.bytes }
            bar.show(
                done: Int64(round), of: Int64(rounds), count: round, self.session.wire.now() - begun)
            switch self.exchange(message) {
            case .code(let code):
                silent = 0
                if self.isOriginal, !(400...499 ~= code) {
                    self.console.warn("did not received 4xx but \(code) for round \(round)")
                }
                self.tell(round, damage, code: code)
            case .silence:
                silent += 1
                self.tell(round, damage, code: nil)
            case .refused(let code):
                ReplyPrinter(session: self.session).unreachable(code)
                return self.died(round, damage, message)
            case .interrupted: return .interrupted
            }
            if silent >= 3 || self.options.fuzz.watch != nil {
                switch self.check(host) {
                case .interrupted: return .interrupted
                case .timedOut, .unreachable: return self.died(round, damage, message)
                default: silent = 0
                }
            }
        }
        self.session.reporter?.summary(self.session.tally, .ok)
        if self.options.printsText { self.console.out("random end reached. server survived :) respect!\n") }
        return .ok
    }

    /// A good request: how it ends.
    private func check(_ host: TargetURI) -> Probe.Ending {
        var policy = self.session.policy
        if let watch = self.options.fuzz.watch { policy.timeout = watch }
        let good = self.session.factory.options(host, maxForwards: nil)
        return self.session.run(good, policy: policy, digest: nil, counts: false, Session.Observer()).ending
    }

    private enum Result {
        case code(Int)
        case silence
        case refused(Int32)
        case interrupted
    }

    /// One damaged request: whatever SIP response comes within T1 is its answer, since nothing in it can be matched surely.
    private func exchange(_ message: [UInt8]) -> Result {
        let wire = self.session.wire
        let begun = wire.now()
        wire.send(message, to: self.session.destination)
        let longest: Duration = self.options.fuzz.watch == nil ? .milliseconds(100) : .milliseconds(20)
        let deadline = begun + Swift.min(self.session.policy.t1, longest)
        while true {
            switch wire.next(until: deadline) {
            case .timeout:
                self.session.tally.loss(retransmissions: 0)
                return .silence
            case .interrupted: return .interrupted
            case .failed(_, let code): return .refused(code)
            case .datagram(let bytes, _, let at):
                guard let reply = try? SIPMessage(parsing: bytes), !reply.isRequest, reply.statusCode >= 200 else {
                    continue
                }
                self.session.tally.answer(
                    reply, time: at - begun, isGood: 400...499 ~= reply.statusCode, retransmissions: 0)
                return .code(reply.statusCode)
            }
        }
    }

    private func tell(_ round: Int, _ damage: Mutator.Damage, code: Int?) {
        let byte = damage.place.map { damage.bytes[$0] }
        self.session.reporter?.fuzz(
            round: round, place: damage.place, byte: byte, mutation: damage.what, code: code)
        guard self.session.verbosity > 0 else { return }
        if !self.isOriginal {
            self.console.out("round \(round): \(damage.what): \(code.map { "\($0)" } ?? "no answer")\n")
        } else if code == nil {
            self.console.out("round \(round): no answer\n")
        }
    }

    private func died(_ round: Int, _ damage: Mutator.Damage, _ message: [UInt8]) -> ExitStatus {
        let sentence = "the server is silent since round \(round) (\(damage.what))"
        self.session.reporter?.error(class: "timeout", sentence, .remote)
        self.session.reporter?.summary(self.session.tally, .remote)
        if let folder = self.options.fuzz.crashFolder {
            let path = "\(folder)/round-\(round).sip"
            do throws(UsageError) {
                try FileText.replace(path, with: message)
                self.console.fail("\(sentence); the last request is in \(Printable.text(path.utf8))")
            } catch {
                self.console.fail("\(sentence); \(error.message)")
            }
            return .remote
        }
        self.console.fail("\(sentence); the last request was:")
        // Damaged bytes never reach a terminal as they are, and a file would not be readable either.
        self.console.err(Self.shown(message))
        return .remote
    }

    private static func shown(_ message: [UInt8]) -> String {
        message.split(separator: ASCII.lf).map { Printable.text($0) + "\n" }.joined()
    }
}
