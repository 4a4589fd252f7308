import SIPKit
import SIPTrace

/// Who has proven who he is, which domains are ours, and which calls were relayed without any proof.
struct TrustLedger: Sendable, Codable {
    /// A call that was relayed although its sender had not logged in for it.
    struct Candidate: Sendable, Codable {
        var source: IPAddress
        var fromUser: String
        var fromHost: String
        var uri: String
        var uriHost: String
        var hop: SocketAddress
        var isRegistered: Bool
        var callID: String
        var message: UInt32
        var time: Int64
    }

    /// What the command line says.
    var known = KnownHosts()
    static let maxAddresses = 200_000
    static let maxDomains = 1_000
    static let maxCandidates = 5_000
    /// Addresses that sent a login which was taken, or registered.
    private(set) var proven: Set<IPAddress> = []
    /// Addresses that calls were sent to: gateways, peers, phones.
    private(set) var called: Set<IPAddress> = []
    private(set) var domains: Set<String> = []
    private(set) var candidates: [Candidate] = []
    private(set) var unkept = 0
    /// Relayed calls, and those with a login.
    private(set) var relayed = 0
    private(set) var withLogin = 0
    private var lastDomain: UInt64 = 0

    mutating func noteRegistration(_ context: CallContext, seed: UInt64) {
        guard let answer = context.records.first(where: { $0.isAnswer(to: .register) && $0.isSuccess }),
            let place = context.records.firstIndex(where: {
                $0.isRequest(.register) && $0.topBranch == answer.topBranch
            })
        else { return }
        self.add(context.records[place].source.ip, to: &self.proven)
        if let note = context.registration(place), note.domain == self.lastDomain, note.domain != 0 { return }
        guard let message = context.message(place), let address = try? message.address(.to),
            let uri = try? URIRanges(parsing: message.span, address.uri)
        else { return }
        let hash = IdentityHash.of(message.span, uri.host, seed: seed)
        guard hash != self.lastDomain, self.domains.count < Self.maxDomains else { return }
        self.lastDomain = hash
        self.domains.insert(Printable.text(message[uri.host]).lowercased())
    }

    mutating func note(_ context: CallContext, _ facts: CallFacts, seed: UInt64) {
        guard let copy = facts.inviteCopy else { return }
        let (invite, out) = (context.records[facts.lastInvite], context.records[copy])
        guard context.isIn(invite), invite.viaCount == 1,
            !context.servers.contains(where: { $0.ip == invite.source.ip })
        else { return }
        self.add(out.destination.ip, to: &self.called)
        self.relayed += 1
        guard !invite.traits.contains(.hasCredentials) else {
            self.withLogin += 1
            self.add(invite.source.ip, to: &self.proven)
            return
        }
        guard self.candidates.count < Self.maxCandidates else {
            self.unkept += 1
            return
        }
        guard let from = context.uri(facts.lastInvite, .from), let uri = context.requestURI(facts.lastInvite) else {
            return
        }
        let user = context.identity(facts.lastInvite, .from, seed: seed)
        let isRegistered = user.flatMap { context.ledgers?.registrations[$0] }?.source.ip == invite.source.ip
        self.candidates.append(
            Candidate(
                source: invite.source.ip, fromUser: from.user, fromHost: from.host.lowercased(), uri: uri.text,
                uriHost: uri.host.lowercased(), hop: out.destination, isRegistered: isRegistered,
                callID: context.callID, message: invite.number, time: invite.time))
    }

    private func add(_ address: IPAddress, to set: inout Set<IPAddress>) {
        if set.count < Self.maxAddresses { set.insert(address) }
    }

    // MARK: Judging

    enum Verdict { case relay, gateway, spoof }

    /// What is wrong with a call without login; `nil` when nothing is.
    func verdict(_ call: Candidate, _ hops: HopLedger, _ servers: [SocketAddress]) -> Verdict? {
        guard !self.known.isTrusted(call.source), !self.proven.contains(call.source),
            !self.called.contains(call.source), !call.isRegistered
        else {
            return nil
        }
        func isLocal(_ host: String) -> Bool {
            self.domains.contains(host) || self.known.domains.contains(host) || servers.contains { "\($0.ip)" == host }
        }
        // Without any registration nobody can tell which domains are the server's.
        guard !self.domains.isEmpty || !self.known.domains.isEmpty else { return nil }
        if !isLocal(call.fromHost), !isLocal(call.uriHost) { return .relay }
        // A server that asks nobody for a login does so on purpose.
        let asks = self.withLogin >= 1 && self.withLogin * 2 >= self.relayed - self.candidates.count
        guard asks, self.withLogin * 5 >= self.relayed * 4 else { return nil }
        if hops.isGateway(call.hop) { return .gateway }
        return isLocal(call.fromHost) ? .spoof : nil
    }

    func calls(_ verdict: Verdict, _ population: Population) -> [Candidate] {
        self.candidates.filter {
            self.verdict($0, population.ledgers.hops, population.summary.nodes.servers) == verdict
        }
    }
}
