import SIPKit
import SIPTrace

/// A finished conversation as the rules see it: its records, its messages read when asked for, who the server was.
final class CallContext {
    let conversation: Conversation
    let records: [ExchangeRecord]
    let facts: CallFacts?
    /// The addresses of the server; empty in an end point's trace.
    let servers: ServerSet
    /// The newest time in the trace when the conversation was closed: nothing can be missing that is younger than that.
    let now: Int64
    let hasTimes: Bool
    /// Whether every address in the trace is private: a laboratory or an office, where private addresses are right.
    let isLaboratory: Bool
    /// How long ago a packet of the peer was seen when this conversation's first request to it left, in nanoseconds.
    let quiet: Int64?
    let names: NameList
    /// What is known from other conversations.
    let ledgers: Ledgers?
    /// What the call may have in common with others.
    private(set) lazy var factors: [Factor] = self.readFactors()

    /// What has been read of a message so far.
    private enum Reading<Value> {
        case unread, nothing
        case read(Value)
    }
    @exclusivity(unchecked) private var messages: [Reading<SIPMessage>] = []
    @exclusivity(unchecked) private var sessions: [Reading<SessionFacts>] = []

    init(
        _ conversation: Conversation, facts: CallFacts?, servers: ServerSet, now: Int64, hasTimes: Bool,
        isLaboratory: Bool, quiet: Int64?, ledgers: Ledgers? = nil, names: NameList
    ) {
        conversation.noteDirections(servers)
        self.conversation = conversation
        self.records = conversation.records
        self.hasRegister = conversation.has(.register) && conversation.records.contains { $0.isRequest(.register) }
        self.facts = facts
        self.servers = servers
        self.now = now
        self.hasTimes = hasTimes
        self.isLaboratory = isLaboratory
        self.quiet = quiet
        self.ledgers = ledgers
        self.names = names
    }

    // MARK: Messages

    /// The message in a place, read once; `nil` when its bytes were not kept or are broken.
    func message(_ place: Int) -> SIPMessage? {
        if self.messages.isEmpty { self.messages = Array(repeating: .unread, count: self.records.count) }
        switch self.messages[place] {
        case .nothing: return nil
        case .read(let message): return message
        case .unread: break
        }
        let bytes = self.conversation.message(place)
        guard !bytes.isEmpty, let message = try? SIPMessage(parsing: bytes) else {
            self.messages[place] = .nothing
            return nil
        }
        self.messages[place] = .read(message)
        return message
    }

    /// What a REGISTER or an answer to one says about bindings; `nil` for other messages.
    func registration(_ place: Int) -> RegistrationNote? { self.conversation.registration(place) }

    /// The value of the first line of a header, in the conversation's bytes, found without a table of all headers; `nil` for
    /// a message that has no such line as it is usually written.
    ///
    /// - Parameter name: with its colon and blank, in the usual case.
    func usualLine(_ place: Int, _ name: StaticString) -> ByteRange? {
        let record = self.records[place]
        return Self.usualLine(self.conversation.bytes, Int(record.start), Int(record.start + record.length), name)
    }

    private static func usualLine(_ array: [UInt8], _ start: Int, _ end: Int, _ name: StaticString) -> ByteRange? {
        let bytes = array.span
        var at = start
        while at < end, let stop = bytes.firstIndex(of: ASCII.lf, in: ByteRange(at, end)) {
            if stop - at <= 1 { return nil }
            let next = ByteRange(at, min(at + name.utf8CodeUnitCount, stop))
            if bytes[at] == name.utf8Start[0], bytes.equals(next, name) {
                // A folded line goes on in the next one.
                guard stop + 1 < end, !ASCII.isBlank(bytes[stop + 1]) else { return nil }
                return ByteRange(next.end, bytes[stop - 1] == ASCII.cr ? stop - 1 : stop)
            }
            at = stop + 1
        }
        return nil
    }

    /// The session description in a place; `nil` without one, and for a body that was cut (RFC rules need it whole).
    func session(_ place: Int) -> SessionFacts? {
        let traits = self.records[place].traits
        guard traits.contains(.hasSession), !traits.contains(.isCut) else { return nil }
        if self.sessions.isEmpty { self.sessions = Array(repeating: .unread, count: self.records.count) }
        switch self.sessions[place] {
        case .nothing: return nil
        case .read(let session): return session
        case .unread: break
        }
        guard let message = self.message(place) else {
            self.sessions[place] = .nothing
            return nil
        }
        let session = self.sameSession(place, message) ?? SessionFacts(message.span, message.body)
        self.sessions[place] = .read(session)
        return session
    }

    /// The session of the message that this one copies, when the server has passed the body on as it was.
    private func sameSession(_ place: Int, _ message: SIPMessage) -> SessionFacts? {
        let original = Int(self.records[place].original)
        guard original != place, case .read(let session) = self.sessions[original], let other = self.message(original),
            message.span.equals(message.body, other.span, other.body)
        else { return nil }
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

    /// The host of the first address in a header, when it is an address itself. Builds no text.
    func address(_ place: Int, _ header: HeaderID) -> IPAddress? {
        guard let message = self.message(place), let address = try? message.address(header),
            let uri = try? URIRanges(parsing: message.span, address.uri)
        else { return nil }
        return IPAddress(parsing: message.span, uri.host)
    }

    /// Whether the URI of the first address in a header holds some letters.
    func holds(_ place: Int, _ header: HeaderID, _ part: StaticString) -> Bool {
        guard let message = self.message(place), let address = try? message.address(header) else { return false }
        return message.span.holds(address.uri, part)
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
        let name = self.names.agent(self.records[place].agent)
        return name.isEmpty ? "\(self.records[place].source)" : name
    }

    /// Whether the first line of a header has the mark of phones behind a NAT.
    func isMarked(_ place: Int, _ header: HeaderID) -> Bool {
        guard let message = self.message(place), let line = message.first(header) else { return false }
        return message.span.holds(line, "nat=yes")
    }

    /// Whom the call asks for, as ledgers know him (``targetIdentity(_:seed:)``).
    private(set) lazy var target: UInt64? = self.facts.flatMap { facts in
        let known = self.conversation.target
        return known.place == facts.lastInvite
            ? known.identity : self.ledgers.flatMap { self.targetIdentity(facts.lastInvite, seed: $0.seed) }
    }

    /// Whether a route label says that the call goes to a gateway.
    func isGatewayLabel(_ hint: UInt16) -> Bool {
        let text = String(decoding: self.names.label(hint), as: UTF8.self).lowercased()
        return text.holds("gateway") || text.holds("pstn") || text.holds("gw")
    }

    // MARK: Ways

    func isIn(_ record: ExchangeRecord) -> Bool { record.traits.contains(.isIn) }
    func isOut(_ record: ExchangeRecord) -> Bool { record.traits.contains(.isOut) }
    var hasServer: Bool { !self.servers.isEmpty }
    let hasRegister: Bool

    /// Copies that servers made of the message in a place.
    func copies(of place: Int) -> [Int] {
        self.pairs.filter { $0.in == place }.map(\.out)
    }

    /// Messages that repeat the one in a place on the same hop.
    func repeats(of place: Int) -> [Int] {
        guard self.conversation.hasRepeats else { return [] }
        let record = self.records[place]
        return self.records.indices.filter {
            let other = self.records[$0]
            return other.passage == .repeated && other.endToEnd == record.endToEnd && other.source == record.source
                && other.destination == record.destination && other.viaCount == record.viaCount
        }
    }

    /// Every message that was seen going in and out, as places.
    private(set) lazy var pairs: [(in: Int, out: Int)] =
        !self.conversation.marks.contains(.relayed)
        ? []
        : self.records.indices.compactMap { place in
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
