import SIPKit

/// `--publish`: publishes event state, refreshes it by its entity tag, removes it (RFC 3903). Each step has to be answered
/// with 2xx, and the first two with a SIP-ETag.
struct PublishMode {
    let session: Session

    private var console: any Console { self.session.console }
    private var options: SipsakOptions { self.session.options }

    func run() -> ExitStatus {
        let status = self.publish()
        self.session.reporter?.summary(self.session.tally, status)
        return status
    }

    private func publish() -> ExitStatus {
        var draft = self.session.factory.options(
            self.session.target, method: "PUBLISH", maxForwards: self.options.maxForwards)
        self.session.factory.identify(&draft, as: self.options.from ?? self.session.target.text)
        draft.remove(.accept)
        draft.remove(.contact)
        draft.set(.event, "presence")
        draft.append("Expires", "\(self.options.expires)")
        draft.insertFirst(lines: self.options.headerLines.flatMap { ShootDraft.lines($0) })
        self.options.details.dress(&draft)
        let body = self.options.body.map { Array($0.utf8) } ?? Self.presence(of: self.session.target.text)
        var digest = self.session.digest(for: self.session.target.user)
        var tag: String?
        for step in ["publish", "refresh", "remove"] {
            var next = step == "publish" ? draft : self.session.factory.again(draft)
            if let tag { next.set(.sipIfMatch, tag) }
            if step == "remove" { next.set(.expires, "0") }
            if step == "publish" {
                next.append("Content-Type", self.options.contentType ?? "application/pidf+xml")
                next.body = body
                next.set(.contentLength, "\(body.count)")
            }
            let finished = self.session.run(next, digest: digest, presents: true, Session.Observer())
            digest = finished.probe.digest
            guard case .answered(let reply) = finished.ending else { return self.failed(finished, step) }
            guard self.judge(reply, finished, step) else { return .rejected }
            if step == "remove" { return .ok }
            guard let given = reply.message.text(.sipETag), !given.isEmpty else {
                if self.options.printsText {
                    self.console.fail("the answer to \(step) has no SIP-ETag (RFC 3903 §11.3.1)")
                }
                return .assertion
            }
            tag = given
        }
        return .ok
    }

    private func judge(_ reply: Probe.Reply, _ finished: Session.Finished, _ step: String) -> Bool {
        let message = reply.message
        let isGood = 200...299 ~= message.statusCode
        let time = reply.arrived - finished.probe.lastSent
        self.session.tally.answer(
            message, time: time, isGood: isGood, retransmissions: finished.probe.retransmissions)
        self.session.reporter?.step(step, user: self.session.target.user ?? "", finished, reply)
        if self.options.printsText {
            let tag = message.text(.sipETag).map { ", entity tag \(self.console.line($0.utf8))" } ?? ""
            self.console.out(
                "\(step): \(message.statusCode) \(self.console.line(message[message.reason])) "
                    + "after \(Milliseconds.text(time)) ms\(tag)\n")
            self.console.flush()
        }
        return isGood
    }

    private func failed(_ finished: Session.Finished, _ step: String) -> ExitStatus {
        let (kind, _, sentence, status) = PingMode.reason(finished, self.console)
        self.session.tally.loss(retransmissions: finished.probe.retransmissions)
        self.session.reporter?.error(class: kind, sentence, status)
        if self.session.reporter == nil { self.console.fail("\(step) failed: \(sentence)") }
        return status
    }

    /// A presence document that says "open" (RFC 3863).
    static func presence(of uri: String) -> [UInt8] {
        var entity = ""
        for character in uri.unicodeScalars {
            switch character {
            case "&": entity += "&amp;"
            case "<": entity += "&lt;"
            case "\"": entity += "&quot;"
            default: entity.unicodeScalars.append(character)
            }
        }
        return Array(
            ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
                + "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"\(entity)\">"
                + "<tuple id=\"sipsak\"><status><basic>open</basic></status></tuple></presence>\r\n").utf8)
    }
}
