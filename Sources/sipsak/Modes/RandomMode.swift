import SIPKit

/// `-R`: damages a request more and more, byte by byte, and looks whether the server survives. With `--seed` the same
/// damage comes again.
struct RandomMode {
    let session: Session

    private var console: any Console { self.session.console }

    func run() -> ExitStatus {
        let options = self.session.options
        let host = TargetURI(host: self.session.target.host, port: self.session.target.port)
        let whole = self.session.factory.options(host, maxForwards: options.maxForwards).bytes()
        var message = whole
        let rounds = Swift.min(options.trashCount ?? whole.count, ShootDraft.limit)
        var silent = 0
        for round in 1...Swift.max(1, rounds) {
            guard self.session.pause() else { return .interrupted }
            let place = Int.random(in: 0..<message.count, using: &self.session.factory.ids)
            message[place] = UInt8.random(in: 0...255, using: &self.session.factory.ids)
            switch self.exchange(message) {
            case .code(let code):
                silent = 0
                if !(400...499 ~= code) {
                    self.console.warn("did not received 4xx but \(code) for round \(round)")
                }
                self.session.json?.fuzz(round: round, place: place, byte: message[place], code: code)
            case .silence:
                silent += 1
                self.session.json?.fuzz(round: round, place: place, byte: message[place], code: nil)
                if self.session.verbosity > 0 { self.console.out("round \(round): no answer\n") }
            case .refused(let code):
                ReplyPrinter(session: self.session).unreachable(code)
                return self.died(round, message)
            case .interrupted: return .interrupted
            }
            // Damaged requests may rightly be ignored, so an undamaged one tells whether the server lives.
            if silent >= 3 {
                let check = self.session.run(
                    self.session.factory.options(host, maxForwards: nil), digest: nil, Session.Observer())
                switch check.ending {
                case .timedOut, .unreachable: return self.died(round, message)
                case .interrupted: return .interrupted
                default: silent = 0
                }
            }
        }
        self.session.json?.summary(self.session.tally, .ok)
        if options.printsText { self.console.out("random end reached. server survived :) respect!\n") }
        return .ok
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
        let deadline = begun + Swift.min(self.session.policy.t1, .milliseconds(100))
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

    private func died(_ round: Int, _ message: [UInt8]) -> ExitStatus {
        self.session.json?.error(class: "timeout", "the server is silent since round \(round)", .remote)
        self.console.fail("the server is silent since round \(round); the last request was:")
        // Damaged bytes never reach a terminal as they are, and a file would not be readable either.
        self.console.err(Self.shown(message))
        return .remote
    }

    private static func shown(_ message: [UInt8]) -> String {
        message.split(separator: ASCII.lf).map { Printable.text($0) + "\n" }.joined()
    }
}
