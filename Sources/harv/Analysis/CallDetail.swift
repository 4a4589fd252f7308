import SIPKit

/// One conversation in full, for lists, filters and groups: who, when, by which way, what became of it, which rules spoke.
struct CallDetail: Sendable {
    var callID = ""
    /// The method that began it.
    var method = ""
    var time: Int64 = 0
    var hasDate = true
    /// User and host of From and To.
    var from = ""
    var to = ""
    var fromTag = ""
    var toTag = ""
    var source: SocketAddress? = nil
    /// Where the server sent it; where it was sent to, without a server.
    var destination: SocketAddress? = nil
    /// The host of the Request-URI as it came in.
    var domain = ""
    var userAgent = ""
    var calleeAgent = ""
    var hint = ""
    /// 0 while nothing final came.
    var status = 0
    var ring: Int64? = nil
    var setup: Int64? = nil
    var duration: Int64? = nil
    var offered: [String] = []
    var accepted: [String] = []
    var messages = 0
    var repeats = 0
    var rules: [String] = []
    var isAnswered = false
    var isDead = false
    var isRedirected = false

    /// - Parameter context: of a conversation that has at least one record.
    init(_ context: CallContext, rules: [String], labels: [[UInt8]]) {
        let records = context.records
        self.callID = context.callID
        self.rules = rules
        self.messages = records.count
        self.repeats = records.reduce(0) { $0 + ($1.passage == .repeated ? 1 : 0) }
        let first = context.facts?.firstInvite ?? records.firstIndex { $0.isRequest } ?? 0
        let record = records[first]
        self.time = record.time
        self.method = "\(record.method.name)"
        self.source = record.isRequest ? record.source : record.destination
        self.destination = record.isRequest ? record.destination : record.source
        self.userAgent = context.names.agent(record.agent)
        self.from = Self.party(context, first, .from)
        self.to = Self.party(context, first, .to)
        self.domain = context.requestURI(first)?.host ?? ""
        self.fromTag = Self.tag(context, first, .from)
        if Int(record.hint) < labels.count { self.hint = Printable.text(labels[Int(record.hint)]) }
        self.status =
            records.last { !$0.isRequest && $0.isFinal && $0.method == record.method }.map { Int($0.status) } ?? 0
        self.isAnswered = (200..<300).contains(self.status)
        if let facts = context.facts { self.read(facts, context, labels) }
    }

    private mutating func read(_ facts: CallFacts, _ context: CallContext, _ labels: [[UInt8]]) {
        let records = context.records
        self.status = facts.status
        self.isAnswered = facts.isAnswered
        self.isDead = facts.isDead
        self.isRedirected = (300..<400).contains(facts.status)
        if context.hasTimes {
            self.ring = facts.requestDelay(records)
            self.setup = facts.setupTime(records)
            self.duration = facts.duration(records)
        }
        if let copy = facts.inviteCopy { self.destination = records[copy].destination }
        self.hint = Int(facts.hint) < labels.count ? Printable.text(labels[Int(facts.hint)]) : ""
        if let final = facts.final {
            self.toTag = Self.tag(context, final, .to)
            if records[final].agent != 0 { self.calleeAgent = context.names.agent(records[final].agent) }
        }
        if let pair = context.offerAndAnswer {
            self.offered = Self.codecs(context, pair.offer)
            self.accepted = Self.codecs(context, pair.answer)
        } else {
            self.offered = Self.codecs(context, facts.lastInvite)
        }
    }

    private static func party(_ context: CallContext, _ place: Int, _ header: HeaderID) -> String {
        guard let uri = context.uri(place, header) else { return "" }
        return uri.user.isEmpty ? uri.host : "\(uri.user)@\(uri.host)"
    }

    private static func tag(_ context: CallContext, _ place: Int, _ header: HeaderID) -> String {
        guard let message = context.message(place), let address = try? message.address(header) else { return "" }
        return Printable.text(message[address.tag])
    }

    private static func codecs(_ context: CallContext, _ place: Int) -> [String] {
        guard let session = context.session(place), let audio = session.media.first(where: { $0.kind == .audio }) else {
            return []
        }
        return audio.codecs.map { $0.name.isEmpty ? "\($0.payload)" : $0.name }
    }

    /// The user in front of the `@`.
    static func user(_ party: String) -> String { String(party.split(separator: "@").first ?? "") }
}
