import SIPKit

/// Takes one request to its ending: resends it, answers challenges, follows redirects, gives up.
///
///     sent ──1xx──> still waiting ──final──> answered
///      │  401/407 with credentials: the next attempt       3xx: the next attempt, at another place
///      └─ no answer for `timeout` ──> timed out            ICMP ──> unreachable
///
/// It sends nothing and reads no clock: events go in with their time, actions come out in order, and `deadline` tells
/// when ``tick(at:_:)`` is due. RFC 3261 §17.1 for the times, §17.1.3 for which responses are ours.
struct Probe: Sendable {
    struct Policy: Sendable, Equatable {
        var t1: Duration = .milliseconds(500)
        /// From the first send (for an INVITE, from the last 1xx) until we give up.
        var timeout: Duration = .seconds(32)
        var isReliable = false
        var followsRedirects = true
        var redirectLimit = 5
        var challengeLimit = 3

        var t2: Duration { self.t1 * 8 }
    }

    enum Action: Equatable, Sendable {
        /// To the place where the request goes.
        case send([UInt8])
        /// A request inside a dialog, to the next hop that its route names.
        case follow([UInt8], to: TargetURI)
        /// Find the address of this URI and send there from now on, then call ``redirected(at:_:_:)``.
        case redirect(to: TargetURI)
        case report(Report)
        case end(Ending)
    }

    /// What happens on the way, for printers.
    enum Report: Equatable, Sendable {
        /// Nothing came; the request is sent again.
        case timeout(after: Duration)
        case provisional(Reply)
        case challenged(Reply)
        case redirected(Reply)
        /// A response that is not ours: another branch, Call-ID or method.
        case stray(Stray)
    }

    struct Stray: Equatable, Sendable {
        let message: SIPMessage

        static func == (left: Stray, right: Stray) -> Bool { left.message.bytes == right.message.bytes }
    }

    struct Reply: Equatable, Sendable {
        let message: SIPMessage
        let source: SocketAddress
        let arrived: MonotonicTime
        /// The request that it answers, as it was sent.
        let request: [UInt8]

        static func == (left: Reply, right: Reply) -> Bool {
            left.message.bytes == right.message.bytes && left.source == right.source && left.arrived == right.arrived
        }
    }

    enum Ending: Equatable, Sendable {
        case answered(Reply)
        case timedOut(after: Duration)
        /// The errno of what ICMP told.
        case unreachable(Int32)
        case refused(DigestClient.Refusal?, Reply)
        case badRedirect(String, Reply)
        /// Ctrl-C.
        case interrupted
    }

    let policy: Policy
    private(set) var draft: Draft
    private(set) var digest: DigestClient?
    private var bytes: [UInt8] = []
    private var match: ReplyMatch
    private let isInvite: Bool
    private var resendAt: MonotonicTime?
    private var resendAfter: Duration
    private var giveUpAt = MonotonicTime.distantFuture
    private(set) var hasProvisional = false
    private(set) var challenges = 0
    private(set) var redirects = 0
    private var isOver = false
    /// When this probe's request was sent first, and last.
    private(set) var firstSent = MonotonicTime.zero
    private(set) var lastSent = MonotonicTime.zero
    private(set) var sends = 0
    /// How many of the sends were repeats of the same request.
    private(set) var retransmissions = 0

    init(_ draft: Draft, policy: Policy, digest: DigestClient? = nil) {
        self.draft = draft
        self.policy = policy
        self.digest = digest
        self.digest?.begin()
        self.isInvite = draft.method == Array("INVITE".utf8)
        self.resendAfter = policy.t1
        self.match = ReplyMatch(draft)
    }

    /// When ``tick(at:_:)`` has something to do.
    var deadline: MonotonicTime {
        self.isOver ? .distantFuture : Swift.min(self.resendAt ?? .distantFuture, self.giveUpAt)
    }

    // MARK: Events

    /// Answers the challenges of earlier requests in this one already, as phones do. To be called before ``begin(at:_:)``.
    mutating func presentCredentials(_ factory: inout RequestFactory) {
        if self.digest?.isEmpty == false { self.authorize(&factory) }
    }

    mutating func begin(at now: MonotonicTime, _ actions: inout [Action]) {
        self.firstSent = now
        self.start(at: now, &actions)
    }

    private mutating func start(at now: MonotonicTime, _ actions: inout [Action]) {
        self.bytes = self.draft.bytes()
        self.match = ReplyMatch(self.draft)
        self.hasProvisional = false
        self.resendAfter = self.policy.t1
        self.resendAt = self.policy.isReliable ? nil : now + self.policy.t1
        self.giveUpAt = now + self.policy.timeout
        self.lastSent = now
        self.sends += 1
        actions.append(.send(self.bytes))
    }

    /// The request left at this moment, a little after it was asked for.
    mutating func sent(_ bytes: [UInt8], at now: MonotonicTime) {
        guard bytes == self.bytes else { return }
        self.lastSent = now
        if self.sends == 1 { self.firstSent = now }
    }

    mutating func tick(at now: MonotonicTime, _ actions: inout [Action]) {
        guard !self.isOver else { return }
        if now >= self.giveUpAt {
            // The last interval is told even though nothing is sent any more.
            if let resendAt = self.resendAt, now >= resendAt {
                actions.append(.report(.timeout(after: self.resendAfter)))
            }
            self.end(.timedOut(after: now - self.firstSent), &actions)
            return
        }
        guard let resendAt = self.resendAt, now >= resendAt else { return }
        actions.append(.report(.timeout(after: self.resendAfter)))
        self.resendAfter =
            self.hasProvisional
            ? self.policy.t2 : self.isInvite ? self.resendAfter * 2 : Swift.min(self.resendAfter * 2, self.policy.t2)
        self.resendAt = now + self.resendAfter
        self.lastSent = now
        self.sends += 1
        self.retransmissions += 1
        actions.append(.send(self.bytes))
    }

    mutating func received(
        _ message: SIPMessage, from source: SocketAddress, at now: MonotonicTime, _ factory: inout RequestFactory,
        _ actions: inout [Action]
    ) {
        guard !self.isOver else { return }
        guard self.match.accepts(message) else {
            actions.append(.report(.stray(Stray(message: message))))
            return
        }
        let reply = Reply(message: message, source: source, arrived: now, request: self.bytes)
        let code = message.statusCode
        if code < 200 {
            self.provisional(reply, at: now, &actions)
            return
        }
        if self.isInvite { self.acknowledge(reply, &factory, &actions) }
        switch code {
        case 401, 407: self.challenged(reply, at: now, &factory, &actions)
        case 301, 302, 305:
            guard self.policy.followsRedirects else { return self.end(.answered(reply), &actions) }
            self.redirect(reply, &factory, &actions)
        default:
            self.learnNextNonce(message)
            self.end(.answered(reply), &actions)
        }
    }

    /// ICMP says that the request did not arrive.
    mutating func unreachable(code: Int32, _ actions: inout [Action]) {
        guard !self.isOver else { return }
        self.end(.unreachable(code), &actions)
    }

    mutating func interrupt(_ actions: inout [Action]) {
        guard !self.isOver else { return }
        self.end(.interrupted, &actions)
    }

    /// The new place of ``Action/redirect(to:)`` is known.
    mutating func redirected(at now: MonotonicTime, _ actions: inout [Action]) {
        guard !self.isOver else { return }
        self.start(at: now, &actions)
    }

    /// The new place is not known.
    mutating func redirectFailed(_ reason: String, _ reply: Reply, _ actions: inout [Action]) {
        self.end(.badRedirect(reason, reply), &actions)
    }

    // MARK: What responses lead to

    private mutating func provisional(_ reply: Reply, at now: MonotonicTime, _ actions: inout [Action]) {
        self.hasProvisional = true
        if self.isInvite {
            self.resendAt = nil
            self.giveUpAt = now + self.policy.timeout
        } else if self.resendAt != nil {
            self.resendAfter = self.policy.t2
            self.resendAt = now + self.policy.t2
        }
        actions.append(.report(.provisional(reply)))
    }

    private mutating func challenged(
        _ reply: Reply, at now: MonotonicTime, _ factory: inout RequestFactory, _ actions: inout [Action]
    ) {
        let party: DigestClient.Party = reply.message.statusCode == 401 ? .server : .proxy
        guard self.digest != nil else { return self.end(.refused(nil, reply), &actions) }
        self.challenges += 1
        let header: HeaderID = party == .server ? .wwwAuthenticate : .proxyAuthenticate
        var list: [Challenge] = []
        for value in reply.message.values(header) { list += Challenge.all(in: reply.message.span, value) }
        do throws(DigestClient.Refusal) {
            guard self.challenges <= self.policy.challengeLimit else {
                throw .rejected(realm: list.first?.realm ?? [])
            }
            try self.digest?.challenged(list, by: party)
        } catch {
            return self.end(.refused(error, reply), &actions)
        }
        actions.append(.report(.challenged(reply)))
        self.draft = factory.again(self.draft)
        self.authorize(&factory)
        self.start(at: now, &actions)
    }

    /// A server may name the nonce for the next request (RFC 7616 §3.5).
    private mutating func learnNextNonce(_ message: SIPMessage) {
        for (header, party) in [
            (HeaderID.authenticationInfo, DigestClient.Party.server), (.proxyAuthenticationInfo, .proxy),
        ] {
            guard let range = message.first(header) else { continue }
            var cursor = ByteCursor(message.span, range)
            guard let info = try? AuthenticationInfo(parsing: &cursor), let nonce = info.nextNonce else { continue }
            self.digest?.received(nextNonce: nonce, realm: nil, from: party)
        }
    }

    /// Puts the answers to every challenge so far into the request.
    private mutating func authorize(_ factory: inout RequestFactory) {
        self.draft.remove(.authorization)
        self.draft.remove(.proxyAuthorization)
        let answers =
            self.digest?.answers(
                method: self.draft.method, uri: self.draft.uri, body: self.draft.body,
                clientNonce: Array(factory.ids.hex(16).utf8)) ?? []
        for answer in answers.reversed() {
            var value = ByteWriter(capacity: 256)
            answer.credentials.write(to: &value)
            self.draft.insertFirst(answer.party == .server ? "Authorization" : "Proxy-Authorization", value.bytes)
        }
    }

    private mutating func redirect(_ reply: Reply, _ factory: inout RequestFactory, _ actions: inout [Action]) {
        self.redirects += 1
        guard self.redirects <= self.policy.redirectLimit else {
            return self.end(.badRedirect("more than \(self.policy.redirectLimit) redirects", reply), &actions)
        }
        let contacts = (try? reply.message.addresses(.contact)) ?? []
        let texts = contacts.map { reply.message.text($0.uri) }
        for text in texts {
            guard let uri = try? TargetURI.sip(text, spelling: "Contact") else { continue }
            actions.append(.report(.redirected(reply)))
            self.draft = factory.again(self.draft)
            self.draft.uri = Array(text.utf8)
            if self.digest?.isEmpty == false { self.authorize(&factory) }
            self.resendAt = nil
            self.giveUpAt = .distantFuture
            actions.append(.redirect(to: uri))
            return
        }
        let reason = texts.first.map { "Contact '\(Printable.text($0.utf8))' cannot be followed" } ?? "no Contact"
        self.end(.badRedirect(reason, reply), &actions)
    }

    private func acknowledge(_ reply: Reply, _ factory: inout RequestFactory, _ actions: inout [Action]) {
        guard let dialog = Dialog(request: self.draft, reply: reply.message) else { return }
        if reply.message.statusCode < 300 {
            let ack = dialog.acknowledgement(branch: factory.ids.branch())
            if let next = dialog.nextHop {
                actions.append(.follow(ack.bytes(), to: next))
            } else {
                actions.append(.send(ack.bytes()))
            }
        } else {
            actions.append(.send(dialog.refusalAcknowledgement().bytes()))
        }
    }

    private mutating func end(_ ending: Ending, _ actions: inout [Action]) {
        self.isOver = true
        actions.append(.end(ending))
    }
}
