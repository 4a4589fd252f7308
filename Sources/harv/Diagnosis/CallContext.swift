import SIPKit
import SIPTrace

/// A finished conversation as the rules see it: its records, its messages read when asked for, who the server was.
final class CallContext {
    let conversation: Conversation
    let records: [ExchangeRecord]
    let facts: CallFacts?
    /// The addresses of the server; empty in an end point's trace.
    let servers: Set<SocketAddress>
    /// The newest time in the trace when the conversation was closed: nothing can be missing that is younger than that.
    let now: Int64
    let hasTimes: Bool
    /// Whether every address in the trace is private: a laboratory or an office, where private addresses are right.
    let isLaboratory: Bool
    /// How long ago a packet of the peer was seen when this conversation's first request to it left, in nanoseconds.
    let quiet: Int64?
    let agents: @Sendable (UInt32) -> String
    /// The text of a route label, by its number.
    let labels: @Sendable (UInt16) -> [UInt8]
    /// What is known from other conversations.
    let ledgers: Ledgers?
    /// What the call may have in common with others.
    private(set) lazy var factors: [Factor] = self.readFactors()

    private var messages: [Int: SIPMessage?] = [:]
    private var sessions: [Int: SessionFacts?] = [:]

    init(
        _ conversation: Conversation, facts: CallFacts?, servers: Set<SocketAddress>, now: Int64, hasTimes: Bool,
        isLaboratory: Bool, quiet: Int64?, ledgers: Ledgers? = nil, agents: @escaping @Sendable (UInt32) -> String,
        labels: @escaping @Sendable (UInt16) -> [UInt8] = { _ in [] }
    ) {
        self.conversation = conversation
        self.records = conversation.records
        self.facts = facts
        self.servers = servers
        self.now = now
        self.hasTimes = hasTimes
        self.isLaboratory = isLaboratory
        self.quiet = quiet
        self.ledgers = ledgers
        self.agents = agents
        self.labels = labels
    }

    // MARK: Messages

    /// The message in a place, read once; `nil` when its bytes were not kept or are broken.
    func message(_ place: Int) -> SIPMessage? {
        if let known = self.messages[place] { return known }
        let bytes = self.conversation.message(place)
        let message = bytes.isEmpty ? nil : try? SIPMessage(parsing: bytes)
        self.messages[place] = .some(message)
        return message
    }

    /// The session description in a place; `nil` without one, and for a body that was cut (RFC rules need it whole).
    func session(_ place: Int) -> SessionFacts? {
        if let known = self.sessions[place] { return known }
        var session: SessionFacts? = nil
        if self.records[place].traits.contains(.hasSession), !self.records[place].traits.contains(.isCut),
            let message = self.message(place)
        {
            session = SessionFacts(message.span, message.body)
        }
        self.sessions[place] = .some(session)
        return session
    }

    var callID: String {
        self.records.indices.lazy.compactMap { self.message($0) }.first.map { Printable.text($0.callID) } ?? ""
    }

    func text(_ place: Int, _ header: HeaderID) -> String? {
        guard let message = self.message(place), let range = message.first(header) else { return nil }
        return Printable.text(message[range])
    }

    /// The URI of the first address in a header.
    func uri(_ place: Int, _ header: HeaderID) -> (text: String, user: String, host: String, port: UInt16?)? {
        guard let message = self.message(place), let address = try? message.address(header),
            let uri = try? URIRanges(parsing: message.span, address.uri)
        else { return nil }
        return (
            Printable.text(message[address.uri]), Printable.text(message[uri.user]), Printable.text(message[uri.host]),
            uri.port
        )
    }

    func requestURI(_ place: Int) -> (text: String, user: String, host: String, port: UInt16?)? {
        guard let message = self.message(place), message.isRequest,
            let uri = try? URIRanges(parsing: message.span, message.requestURI)
        else { return nil }
        return (
            Printable.text(message[message.requestURI]), Printable.text(message[uri.user]),
            Printable.text(message[uri.host]), uri.port
        )
    }

    /// Who a side is: the user of From or To, else the address.
    func caller(_ place: Int) -> String {
        self.uri(place, .from).map { $0.user.isEmpty ? $0.host : $0.user } ?? "the caller"
    }
    func callee(_ place: Int) -> String {
        self.uri(place, .to).map { $0.user.isEmpty ? $0.host : $0.user } ?? "the callee"
    }

    func agent(_ place: Int) -> String {
        let name = self.agents(self.records[place].agent)
        return name.isEmpty ? "\(self.records[place].source)" : name
    }

    /// Whether a route label says that the call goes to a gateway.
    func isGatewayLabel(_ hint: UInt16) -> Bool {
        let text = String(decoding: self.labels(hint), as: UTF8.self).lowercased()
        return text.holds("gateway") || text.holds("pstn") || text.holds("gw")
    }

    // MARK: Ways

    func isIn(_ record: ExchangeRecord) -> Bool { self.servers.contains(record.destination) && !record.isSelf }
    func isOut(_ record: ExchangeRecord) -> Bool { self.servers.contains(record.source) && !record.isSelf }
    var hasServer: Bool { !self.servers.isEmpty }
    private(set) lazy var hasRegister: Bool = self.records.contains { $0.isRequest(.register) }

    /// Copies that servers made of the message in a place.
    func copies(of place: Int) -> [Int] {
        self.records.indices.filter { self.records[$0].passage == .relayed && Int(self.records[$0].original) == place }
    }

    /// Messages that repeat the one in a place on the same hop.
    func repeats(of place: Int) -> [Int] {
        let record = self.records[place]
        return self.records.indices.filter {
            let other = self.records[$0]
            return other.passage == .repeated && other.endToEnd == record.endToEnd && other.source == record.source
                && other.destination == record.destination && other.viaCount == record.viaCount
        }
    }

    /// Every message that was seen going in and out, as places.
    private(set) lazy var pairs: [(in: Int, out: Int)] = self.records.indices.compactMap { place in
        let record = self.records[place]
        guard record.passage == .relayed, Int(record.original) != place else { return nil }
        return (Int(record.original), place)
    }

    /// Whether this conversation was captured on both sides of the server: only then can a copy be missing (guard G2).
    lazy var isTwoSided: Bool = {
        self.pairs.contains { self.records[$0.in].isRequest } && self.pairs.contains { !self.records[$0.in].isRequest }
    }()

    /// Whether the trace went on for this long after a message: before that, nothing is missing (guard G1).
    func wentOn(_ seconds: Double, after place: Int) -> Bool {
        self.hasTimes && Double(self.now - self.records[place].time) >= seconds * 1e9
    }

    func seconds(_ from: Int, _ to: Int) -> Double { Double(self.records[to].time - self.records[from].time) / 1e9 }
    func number(_ place: Int) -> UInt32 { self.records[place].number }

    /// The first answer on the hop of a request: same branch, same number of Vias.
    func answers(to place: Int) -> [Int] {
        let request = self.records[place]
        return self.records.indices.filter {
            let record = self.records[$0]
            return $0 > place && !record.isRequest && record.cSeq == request.cSeq && record.method == request.method
                && record.topBranch == request.topBranch && record.viaCount == request.viaCount
        }
    }
}
