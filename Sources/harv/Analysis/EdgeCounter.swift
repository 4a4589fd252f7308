import SIPKit
import SIPTrace

/// Which of a message's copies a table counts (`--count`).
enum Counting: String, CaseIterable, Sendable, Codable {
    /// Every packet.
    case raw
    /// Every message once, wherever it was seen first.
    case unique
    /// Every message that the users' side saw, once (``EdgeCounter``).
    case edge

    /// In words, for pages; `nil` for what is usual.
    var words: String? {
        switch self {
        case .raw: "messages are counted as packets (--count raw)"
        case .unique: nil
        case .edge: "messages are counted where the users' side saw them (--count edge)"
        }
    }
}

/// Counts what the users' side saw: of each transaction the hop next to who began it.
///
/// Of a request that is its sender's own copy, of a reply the copy that reaches the sender of the request. What a server
/// begins itself (its CANCEL to a branch, its ACK to a refusal, its OPTIONS), what is said to that, and the replies that it
/// takes and does not pass on (a 100 from behind it, a refused branch) have no such copy. Repeats never count.
///
/// The hop is told by the number of Vias: a sender writes one, each server on the way adds one, and a reply loses them
/// again. Where the sender's hop was not captured, the nearest one that was takes its place.
struct EdgeCounter: Sendable, Codable {
    private(set) var messages = MessageCounts()
    /// Labels by their number: messages of the edge of which some copy carries the label.
    private(set) var labels: [Int] = []
    /// Agents by their text.
    private(set) var agents: [[UInt8]: AgentCount] = [:]

    struct AgentCount: Sendable, Codable {
        var asUserAgent = 0
        var asServer = 0
    }

    /// For each message of a conversation whether it is at the edge.
    static func places(_ context: CallContext) -> [Bool] {
        let records = context.records
        return records.indices.map { place in
            let record = records[place]
            guard record.passage != .repeated, record.viaCount == Self.fewestVias(records, like: record) else {
                return false
            }
            if record.viaCount <= 1, context.servers.contains(record.isRequest ? record.source : record.destination) {
                return false
            }
            // The same on the same hop by another way: to a second address, or through something that adds no Via.
            let original = records[Int(record.original)]
            return record.passage == .first || original.viaCount != record.viaCount
        }
    }

    /// The Vias of a transaction's first hop, as far as it was captured.
    private static func fewestVias(_ records: [ExchangeRecord], like record: ExchangeRecord) -> UInt8 {
        var least = record.viaCount
        for other in records
        where other.viaCount < least && other.bottomBranch == record.bottomBranch && other.cSeq == record.cSeq
            && other.method == record.method && other.fromTag == record.fromTag
        {
            least = other.viaCount
        }
        return least
    }

    /// Counts by method and by code.
    ///
    /// - Parameter namesOthers: whether methods that nobody knows are told apart.
    mutating func addMessages(_ context: CallContext, _ places: [Bool], namesOthers: Bool) {
        for (place, record) in context.records.enumerated() where places[place] {
            if !record.isRequest {
                self.messages.addEdge(response: Int(record.status), to: record.method)
            } else if record.method == .other {
                let name = namesOthers ? context.message(place)?.methodText : nil
                self.messages.addEdge(other: name.map { Printable.text($0.utf8) } ?? "(others)")
            } else {
                self.messages.addEdge(request: record.method)
            }
        }
    }

    /// Counts by label and by agent.
    mutating func addNames(_ context: CallContext, _ places: [Bool]) {
        for (place, record) in context.records.enumerated() where places[place] {
            // A server writes its label into what it passes on: the user's own copy has none.
            let labelled =
                record.hint != 0
                ? record : context.records.first { $0.hint != 0 && $0.endToEnd == record.endToEnd }
            if let hint = labelled?.hint {
                while self.labels.count <= Int(hint) { self.labels.append(0) }
                self.labels[Int(hint)] += 1
            }
            guard record.agent != 0, let message = context.message(place) else { continue }
            if let range = message.first(.server) { self.count(message, range) { $0.asServer += 1 } }
            if let range = message.first(.userAgent) { self.count(message, range) { $0.asUserAgent += 1 } }
        }
    }

    private mutating func count(_ message: SIPMessage, _ range: ByteRange, _ change: (inout AgentCount) -> Void) {
        let text = AgentTable.kept(message.span.copy(range))
        guard self.agents[text] != nil || self.agents.count < AgentTable.maxAgents else { return }
        change(&self.agents[text, default: AgentCount()])
    }

    /// Writes what was counted into the tables that have the other two counts.
    func finish(_ summary: inout Summary) {
        summary.messages.add(self.messages)
        summary.hints.takeEdges(self.labels)
        summary.agents.takeEdges(self.agents)
    }
}
