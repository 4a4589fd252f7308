import Crypto
import SIPKit
import SIPNet

/// `--uas`: the answering side for tests. Takes calls (180, then 200, audio comes back to the caller), messages, OPTIONS
/// and everything else with one code; `--uas-code` refuses instead. With `-U` it registers first.
final class AnswerMode {
    private let session: Session
    private var console: any Console { self.session.console }
    private var options: SipsakOptions { self.session.options }

    /// A call that rings or stands.
    private final class Call {
        let invite: SIPMessage
        let source: SocketAddress
        let tag: String
        let audio: AudioPort?
        /// When the final answer goes out, and is repeated until there is an ACK.
        var answerAt: MonotonicTime
        var answer: [UInt8]
        var interval: Duration
        var giveUpAt: MonotonicTime
        var isAnswered = false
        var isAcknowledged = false

        init(
            invite: SIPMessage, source: SocketAddress, tag: String, audio: AudioPort?, answer: [UInt8],
            answerAt: MonotonicTime, interval: Duration, giveUpAt: MonotonicTime
        ) {
            self.invite = invite
            self.source = source
            self.tag = tag
            self.audio = audio
            self.answer = answer
            self.answerAt = answerAt
            self.interval = interval
            self.giveUpAt = giveUpAt
        }
    }

    private var calls: [[UInt8]: Call] = [:]
    /// A bound, so that a flood of INVITEs cannot take every port.
    private static let mostCalls = 500
    private var answered = 0
    /// Whose signatures a call needs; `nil` where none is asked for.
    private var keys: [P256.Signing.PublicKey]?

    init(session: Session) { self.session = session }

    func run() throws(UsageError) -> ExitStatus {
        if let path = self.options.identity.trusted { self.keys = try KeyFiles.publicKeys(path) }
        if self.options.usrloc {
            let status = UsrlocMode(session: self.session).run()
            guard status == .ok else { return status }
        }
        if self.options.printsText {
            self.console.out("answering at \(self.session.wire.local) (\(self.session.wire.transport.parameterName))\n")
            self.console.flush()
        }
        while self.options.count.map({ self.answered < $0 || !self.calls.isEmpty }) ?? true {
            let deadline = self.work()
            switch self.session.wire.next(until: deadline) {
            case .timeout, .failed: continue
            case .interrupted: return .ok
            case .datagram(let bytes, let source, _):
                guard let message = try? SIPMessage(parsing: bytes), message.isRequest else { continue }
                self.received(message, from: source)
                self.console.flush()
            }
        }
        return .ok
    }

    // MARK: Requests

    private func received(_ request: SIPMessage, from source: SocketAddress) {
        // What a response has to copy is there, or there is no response (RFC 3261 §8.2.6.2).
        guard request.first(.via) != nil, request.first(.from) != nil, request.first(.to) != nil,
            request.first(.callID) != nil, request.first(.cSeq) != nil
        else { return }
        let key = Array(request.callID)
        switch request.method {
        case .invite: self.invited(request, from: source, key)
        case .ack: self.calls[key]?.isAcknowledged = true
        case .bye:
            let call = self.calls.removeValue(forKey: key)
            self.answer(
                request, call == nil ? 481 : 200, call == nil ? "Call/Transaction Does Not Exist" : "OK", to: source)
            if let audio = call?.audio, self.options.printsText {
                self.console.out(
                    "call ended, audio received \(audio.reception.packets) of \(audio.reception.expected), "
                        + "sent back \(audio.sent)\n")
            }
        case .cancel:
            guard let call = self.calls[key], !call.isAnswered else {
                return self.answer(request, 481, "Call/Transaction Does Not Exist", to: source)
            }
            self.calls[key] = nil
            self.answer(request, 200, "OK", to: source, tag: call.tag)
            self.session.wire.send(
                Answer.bytes(to: call.invite, 487, "Request Terminated", tag: call.tag), to: call.source)
        default:
            self.answered += 1
            self.answer(request, self.options.answerCode ?? 200, nil, to: source)
        }
    }

    private func invited(_ request: SIPMessage, from source: SocketAddress, _ key: [UInt8]) {
        if let call = self.calls[key] {
            // A repeat, or a new offer inside the call: the answer that stands.
            if call.isAnswered { self.session.wire.send(call.answer, to: source) }
            return
        }
        let code = self.options.answerCode ?? 200
        guard code < 300 else { return self.answer(request, code, nil, to: source, counts: true) }
        if let refusal = self.refusal(request) {
            return self.answer(request, refusal.code, refusal.reason, to: source, counts: true)
        }
        guard self.calls.count < Self.mostCalls else { return self.answer(request, 486, "Busy Here", to: source) }
        self.answered += 1
        let tag = self.session.factory.ids.hex(8)
        let offer = MediaOffer.audio(in: request)
        let audio = try? AudioPort(self.session.wire.local.ip, ids: &self.session.factory.ids, echoes: true)
        let contact = "<\(self.session.factory.contact)>"
        var body: (bytes: [UInt8], type: String)?
        if let audio {
            let formats: [UInt8] = offer.map { [$0.format] } ?? [0, 8]
            body = (
                MediaOffer.bytes(host: audio.local, session: self.session.factory.ids.call(), formats: formats),
                "application/sdp"
            )
        }
        let now = self.session.wire.now()
        let policy = self.session.policy
        self.calls[key] = Call(
            invite: request, source: source, tag: tag, audio: audio,
            answer: Answer.bytes(to: request, 200, "OK", tag: tag, contact: contact, body: body),
            answerAt: now + self.options.ring, interval: policy.t1, giveUpAt: now + self.options.ring + policy.timeout)
        self.session.wire.send(Answer.bytes(to: request, 180, "Ringing", tag: tag, contact: contact), to: source)
        self.note(request, "180 Ringing, then 200 OK")
    }

    /// Why a call is not taken: its caller's identity is not shown, or not true (RFC 8224 §6.2.2).
    private func refusal(_ request: SIPMessage) -> (code: Int, reason: String)? {
        guard let keys else { return nil }
        guard let value = request.first(.identity) else { return (428, "Use Identity Header") }
        switch Passport.verify(Array(request[value]), keys: keys, now: Int(SystemClock().unixSeconds())) {
        case .valid(let passport):
            self.note(
                request,
                "signed: \(self.console.line(passport.origin.utf8)) calls \(self.console.line(passport.destination.utf8)), "
                    + "attestation \(self.console.line(passport.attestation.utf8))")
            return nil
        case .invalid(let reason):
            self.note(request, "the identity is not good: \(reason)")
            return (438, "Invalid Identity Header")
        }
    }

    private func answer(
        _ request: SIPMessage, _ code: Int, _ reason: String?, to source: SocketAddress, tag: String? = nil,
        counts: Bool = false
    ) {
        if counts { self.answered += 1 }
        let text = reason ?? ReasonPhrase.text(code)
        let answer = Answer.bytes(to: request, code, text, tag: tag ?? self.session.factory.ids.hex(8))
        self.session.wire.send(answer, to: source)
        self.note(request, "\(code) \(text)")
    }

    private func note(_ request: SIPMessage, _ what: String) {
        guard self.options.printsText else { return }
        let from = request.text(.from) ?? ""
        self.console.out(
            "\(self.console.line(request.methodText.utf8)) from \(self.console.line(from.utf8)): \(what)\n")
    }

    // MARK: Time

    /// Sends what is due; when to come back.
    private func work() -> MonotonicTime {
        let now = self.session.wire.now()
        var next = now + .seconds(1)
        for (key, call) in self.calls {
            call.audio?.work()
            if call.audio != nil { next = Swift.min(next, now + .milliseconds(5)) }
            if call.isAcknowledged { continue }
            if now >= call.giveUpAt {
                self.calls[key] = nil
                continue
            }
            if now >= call.answerAt {
                call.isAnswered = true
                self.session.wire.send(call.answer, to: call.source)
                call.answerAt = now + call.interval
                call.interval = Swift.min(call.interval * 2, self.session.policy.t2)
            }
            next = Swift.min(next, call.answerAt)
        }
        return next
    }
}

/// The usual words for a status code (RFC 3261 §21).
enum ReasonPhrase {
    static func text(_ code: Int) -> String {
        switch code {
        case 200: "OK"
        case 202: "Accepted"
        case 302: "Moved Temporarily"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 407: "Proxy Authentication Required"
        case 408: "Request Timeout"
        case 423: "Interval Too Brief"
        case 480: "Temporarily Unavailable"
        case 481: "Call/Transaction Does Not Exist"
        case 486: "Busy Here"
        case 487: "Request Terminated"
        case 488: "Not Acceptable Here"
        case 489: "Bad Event"
        case 500: "Server Internal Error"
        case 503: "Service Unavailable"
        case 600: "Busy Everywhere"
        case 603: "Decline"
        default: code < 300 ? "OK" : "Refused"
        }
    }
}
