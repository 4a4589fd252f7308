import SIPKit

/// `--register-hold S`: keeps a registration alive for S seconds as a phone does (refresh before it ends, a keep-alive in
/// between), tells when the server sees us at another address, and removes the binding at the end.
struct HoldMode {
    let session: Session
    let duration: Duration

    private var console: any Console { self.session.console }
    private var options: SipsakOptions { self.session.options }
    /// Short enough for the tightest NAT binding for UDP that is met in practice (RFC 5626 §4.4.1: 24 to 29 s).
    private static let keepAlive: Duration = .seconds(25)

    func run() -> ExitStatus {
        let status = self.hold()
        self.session.reporter?.summary(self.session.tally, status)
        return status
    }

    private func hold() -> ExitStatus {
        let user = self.session.target.user ?? ""
        let contact = "<\(self.session.factory.contact(of: user))>"
        var digest = self.session.digest(for: user)
        var seenAs: String?
        let end = self.session.wire.now() + self.duration
        while true {
            let draft = self.session.factory.register(
                self.session.target, user: user, contact: contact, expires: self.options.expires,
                maxForwards: self.options.maxForwards)
            let (status, reply) = self.register(draft, user, &digest)
            guard let reply else { return status }
            let granted = Self.expires(reply.message, contact: contact) ?? self.options.expires
            let seen = Self.address(reply.message)
            if let seen, seen != seenAs {
                let text =
                    seenAs.map { "the server sees us at \(seen) now, before at \($0)" }
                    ?? "the server sees us at \(seen)"
                self.say(text)
                seenAs = seen
            }
            self.say("registered \(user) for \(granted) s")
            let now = self.session.wire.now()
            guard now < end else { break }
            // Refreshed after half the time that the registrar gave, and never more than once a second.
            let refresh = now + .seconds(Swift.max(1, granted / 2))
            guard self.wait(until: Swift.min(refresh, end)) else { break }
            if self.session.wire.now() >= end { break }
        }
        let removal = self.session.factory.register(
            self.session.target, user: user, contact: contact, expires: 0, maxForwards: self.options.maxForwards)
        let (status, reply) = self.register(removal, user, &digest)
        if reply != nil { self.say("removed the binding") }
        return status
    }

    private func register(_ draft: Draft, _ user: String, _ digest: inout DigestClient?) -> (ExitStatus, Probe.Reply?) {
        var observer = Session.Observer()
        observer.request = self.answer
        let finished = self.session.run(draft, digest: digest, presents: true, observer)
        digest = finished.probe.digest
        guard case .answered(let reply) = finished.ending else {
            let (kind, _, sentence, status) = PingMode.reason(finished, self.console)
            self.session.tally.loss(retransmissions: finished.probe.retransmissions)
            self.session.reporter?.error(class: kind, sentence, status)
            if self.session.reporter == nil { self.console.fail("the registration failed: \(sentence)") }
            return (status, nil)
        }
        let isGood = 200...299 ~= reply.message.statusCode
        self.session.tally.answer(
            reply.message, time: reply.arrived - finished.probe.lastSent, isGood: isGood,
            retransmissions: finished.probe.retransmissions)
        self.session.reporter?.step("register", user: user, finished, reply)
        guard isGood else {
            if self.session.reporter == nil {
                self.console.fail("the registration was refused: \(self.console.line(reply.message.startLine))")
            }
            return (.rejected, nil)
        }
        return (.ok, reply)
    }

    /// Requests to us while we are registered: OPTIONS is a server's way of keeping NATs open.
    private func answer(_ request: SIPMessage, _ source: SocketAddress) {
        guard request.method != .ack, request.first(.via) != nil else { return }
        let code = request.method == .options || request.method == .notify ? 200 : 480
        self.session.wire.send(
            Answer.bytes(to: request, code, ReasonPhrase.text(code), tag: self.session.factory.ids.hex(8)), to: source)
    }

    /// `false` when Ctrl-C came.
    private func wait(until deadline: MonotonicTime) -> Bool {
        self.console.flush()
        var keepAlive = self.session.wire.now() + Self.keepAlive
        while true {
            switch self.session.wire.next(until: Swift.min(deadline, keepAlive)) {
            case .interrupted: return false
            case .failed: continue
            case .datagram(let bytes, let source, _):
                if let message = try? SIPMessage(parsing: bytes), message.isRequest { self.answer(message, source) }
            case .timeout:
                if self.session.wire.now() >= deadline { return true }
                self.session.wire.send([ASCII.cr, ASCII.lf, ASCII.cr, ASCII.lf], to: self.session.destination)
                keepAlive = self.session.wire.now() + Self.keepAlive
            }
        }
    }

    private func say(_ text: String) {
        guard self.options.printsText else { return }
        self.console.out(text + "\n")
        self.console.flush()
    }

    /// The time that the registrar gave our binding.
    static func expires(_ message: SIPMessage, contact: String) -> Int? {
        let wanted = Array(contact.utf8.dropFirst().dropLast())
        for address in (try? message.addresses(.contact)) ?? [] where message[address.uri].elementsEqual(wanted) {
            if let value = address.parameter("expires", in: message.span) {
                return ASCII.number(message.span, value, limit: 4_294_967_295).map { Int($0) }
            }
        }
        return message.first(.expires).flatMap { ASCII.number(message.span, $0, limit: 4_294_967_295) }.map { Int($0) }
    }

    /// Our address as the server wrote it into our Via (RFC 3581): `received` and `rport`.
    static func address(_ message: SIPMessage) -> String? {
        guard let via = try? message.topVia() else { return nil }
        let host = via.received.isEmpty ? message.text(via.host) : message.text(via.received)
        let port = via.rport.isEmpty ? via.port.map { "\($0)" } ?? "5060" : message.text(via.rport)
        return Printable.text("\(host):\(port)".utf8)
    }
}
