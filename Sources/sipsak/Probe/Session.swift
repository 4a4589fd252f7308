import SIPKit
import SIPNet

/// What one run of the tool has: its wire, its numbers, its way to the target. Modes send everything through it.
final class Session {
    let options: SipsakOptions
    let target: TargetURI
    /// Where requests go: the outbound proxy, or the target itself.
    private(set) var destination: SocketAddress
    /// Where to go when nobody answers at the destination (RFC 3263 §4.3), the dearest first.
    var alternatives: [SocketAddress] = []
    let wire: any Wire
    let console: any Console
    var factory: RequestFactory
    private let locate: (TargetURI) -> [SocketAddress]

    /// What the run came to, for summaries and thresholds.
    var tally = ProbeTally()
    /// How long finding the destination took; `nil` for an address.
    var lookupTime: Duration?
    /// Takes what happens for programs: `--json`, `--csv`.
    var reporter: (any Reporter)?

    /// When the first request of the run left; answers are measured from here as well.
    private(set) var firstSent: MonotonicTime?
    private(set) var sends = 0
    private(set) var retransmissions = 0
    /// Datagrams that were no answer to what we sent, or no SIP.
    private(set) var strays = 0

    /// How often another place had to be tried.
    private(set) var failovers = 0
    /// Requests of ours that the server brought back more than once.
    private(set) var repeatedRequests = 0
    func countRepeatedRequest() { self.repeatedRequests += 1 }

    init(
        options: SipsakOptions, target: TargetURI, destination: SocketAddress, wire: any Wire, console: any Console,
        factory: RequestFactory, locate: @escaping (TargetURI) -> [SocketAddress]
    ) {
        self.options = options
        self.target = target
        self.destination = destination
        self.wire = wire
        self.console = console
        self.factory = factory
        self.locate = locate
    }

    /// How much of the original's text is wanted; none where standard output belongs to a program.
    var verbosity: Int { self.options.printsText ? self.options.verbosity : 0 }

    var policy: Probe.Policy {
        var policy = Probe.Policy()
        policy.t1 = .milliseconds(self.options.timerT1)
        policy.timeout = self.options.timeout ?? policy.t1 * self.options.timeoutFactor
        policy.followsRedirects = self.options.followsRedirects
        policy.isReliable = self.wire.transport.isReliable
        policy.challengeLimit = self.options.maxAuth
        return policy
    }

    /// Credentials for `user` of the URI, or for `-u`; `nil` where there is neither.
    ///
    /// - Parameter password: of this user, where it is not that of `-a`.
    func digest(for user: String?, password: String? = nil) -> DigestClient? {
        guard let name = self.options.authUsername ?? user else { return nil }
        let secret: DigestSecret =
            if let hash = self.options.authHash {
                .ha1(Array(hash.utf8), hash.utf8.count == 32 ? .md5 : .sha256)
            } else {
                .password(Array((password ?? self.options.password ?? "").utf8))
            }
        return DigestClient(
            username: Array(name.utf8), secret: secret,
            algorithms: self.options.authAlgorithms ?? DigestAlgorithm.allCases,
            qualities: self.options.authQuality.map { [$0] } ?? [.auth, .authInt])
    }

    /// Signs a request that begins a call, where `--identity-key` says so.
    func sign(_ draft: inout Draft) throws(UsageError) {
        guard let file = self.options.identity.keyFile, let url = self.options.identity.certificateURL else { return }
        let signer = Signer(
            key: try KeyFiles.privateKey(file), certificate: url, attestation: self.options.identity.attestation)
        try signer.sign(&draft, now: SystemClock().unixSeconds(), &self.factory.ids)
    }

    // MARK: One request

    struct Finished {
        let ending: Probe.Ending
        let probe: Probe
        /// Where the request went at last: redirects were followed.
        let place: SocketAddress

        /// The original's codes: a connection that ends is a local problem, ICMP is the server's.
        var unreachableStatus: ExitStatus { self.probe.policy.isReliable ? .unconnected : .remote }
    }

    /// Who looks on while a request is on its way.
    struct Observer {
        var sent: ([UInt8], SocketAddress) -> Void = { _, _ in }
        var report: (Probe.Report) -> Void = { _ in }
        /// Requests from others that come in meanwhile.
        var request: (SIPMessage, SocketAddress) -> Void = { _, _ in }
    }

    /// Sends a request and waits until its ending.
    ///
    /// - Parameters:
    ///   - counts: whether its sends belong to the figures of the run.
    ///   - presents: whether challenges that were answered before are answered at once.
    func run(
        _ draft: Draft, to first: SocketAddress? = nil, policy: Probe.Policy? = nil, digest: DigestClient?,
        counts: Bool = true, presents: Bool = false, _ observer: Observer
    ) -> Finished {
        var probe = Probe(draft, policy: policy ?? self.policy, digest: digest)
        var place = first ?? self.destination
        var actions: [Probe.Action] = []
        if presents { probe.presentCredentials(&self.factory) }
        probe.begin(at: self.wire.now(), &actions)
        while true {
            if let ending = self.perform(&actions, &probe, &place, observer) {
                if first == nil, self.failsOver(after: ending, place) {
                    // Another place is another transaction: a new branch, and the same request otherwise.
                    place = self.destination
                    probe = Probe(self.factory.again(draft), policy: policy ?? self.policy, digest: digest)
                    probe.begin(at: self.wire.now(), &actions)
                    continue
                }
                if counts {
                    self.sends += probe.sends
                    self.retransmissions += probe.retransmissions
                }
                return Finished(ending: ending, probe: probe, place: place)
            }
            switch self.wire.next(until: probe.deadline) {
            case .timeout: probe.tick(at: self.wire.now(), &actions)
            case .interrupted: probe.interrupt(&actions)
            case .failed(let peer, let code):
                if peer == place || peer.port == 0 { probe.unreachable(code: code, &actions) }
            case .datagram(let bytes, let source, let at):
                guard let message = try? SIPMessage(parsing: bytes) else {
                    self.strays += 1
                    continue
                }
                if message.isRequest {
                    observer.request(message, source)
                } else {
                    probe.received(message, from: source, at: at, &self.factory, &actions)
                }
            }
        }
    }

    /// Whether there is another place to try, which then is the destination: after silence, ICMP and 503.
    private func failsOver(after ending: Probe.Ending, _ place: SocketAddress) -> Bool {
        guard place == self.destination, !self.alternatives.isEmpty else { return false }
        switch ending {
        case .timedOut, .unreachable: break
        case .answered(let reply) where reply.message.statusCode == 503: break
        default: return false
        }
        self.destination = self.alternatives.removeFirst()
        self.failovers += 1
        return true
    }

    /// Does what the probe wants, in order; its ending, when it has one.
    private func perform(
        _ actions: inout [Probe.Action], _ probe: inout Probe, _ place: inout SocketAddress, _ observer: Observer
    ) -> Probe.Ending? {
        var at = 0
        var lastReply: Probe.Reply?
        while at < actions.count {
            let action = actions[at]
            at += 1
            switch action {
            case .send(let bytes):
                probe.sent(bytes, at: self.wire.send(bytes, to: place))
                if self.firstSent == nil { self.firstSent = probe.firstSent }
                observer.sent(bytes, place)
            case .follow(let bytes, let next):
                let hop = self.address(of: next) ?? place
                self.wire.send(bytes, to: hop)
                observer.sent(bytes, hop)
            case .redirect(let uri):
                if self.options.outboundProxy == nil {
                    guard let found = self.address(of: uri) else {
                        if let lastReply { probe.redirectFailed("'\(uri.host)' is unresolvable", lastReply, &actions) }
                        continue
                    }
                    place = found
                }
                probe.redirected(at: self.wire.now(), &actions)
            case .report(let report):
                if case .redirected(let reply) = report { lastReply = reply }
                if case .stray = report { self.strays += 1 }
                observer.report(report)
            case .end(let ending):
                actions.removeAll(keepingCapacity: true)
                return ending
            }
        }
        actions.removeAll(keepingCapacity: true)
        return nil
    }

    /// Where a URI's host is; only addresses of our socket's family can be reached.
    func address(of uri: TargetURI) -> SocketAddress? {
        let family = self.destination.ip.family
        return self.locate(uri).first { $0.ip.family == family }
    }

    // MARK: Waiting

    /// Waits for a request that `accepts` takes; others are passed over. `nil` when time is up or Ctrl-C came.
    func awaitRequest(
        until deadline: MonotonicTime, _ accepts: (SIPMessage, SocketAddress) -> Bool
    ) -> (SIPMessage, SocketAddress)? {
        while true {
            switch self.wire.next(until: deadline) {
            case .timeout, .interrupted: return nil
            case .failed: continue
            case .datagram(let bytes, let source, _):
                guard let message = try? SIPMessage(parsing: bytes), message.isRequest else {
                    self.strays += 1
                    continue
                }
                if accepts(message, source) { return (message, source) }
            }
        }
    }

    /// The pause that `-o` asks for; `false` when Ctrl-C came.
    func pause() -> Bool {
        let milliseconds: Int
        switch self.options.sleep {
        case nil: return true
        case .milliseconds(let count): milliseconds = count
        case .random: milliseconds = Int.random(in: 0...10_000, using: &self.factory.ids)
        }
        return self.wait(until: self.wire.now().adding(milliseconds: Int64(milliseconds)))
    }

    /// Lets time pass; what comes in meanwhile is counted. `false` when Ctrl-C came.
    func wait(until deadline: MonotonicTime) -> Bool {
        self.console.flush()
        while true {
            switch self.wire.next(until: deadline) {
            case .timeout: return true
            case .interrupted: return false
            case .datagram: self.strays += 1
            case .failed: continue
            }
        }
    }
}
