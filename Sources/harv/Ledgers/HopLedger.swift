import SIPKit
import SIPTrace

/// Where calls went: how they ended there, why, and how many were up at once.
struct HopLedger: Sendable, Codable {
    struct Hop: Sendable, Codable {
        var calls = 0
        /// Failures of the network (408 without ringing, 500, 503, 504).
        var ineffective = 0
        /// Final refusals that came from there, by code.
        var refusals: [UInt16: Int] = [:]
        /// ITU-T Q.850 causes of failed calls.
        var causes: [UInt8: Int] = [:]
        var agent: UInt32 = 0
        /// Calls to numbers, and the numbers met, up to ten.
        var numeric = 0
        var numbers: [UInt64] = []
        var isLabelled = false
        var withCredentials = 0
        /// When calls were answered and ended there, and when one was refused for lack of lines.
        var spans: [Range<Int64>] = []
        var full: [Int64] = []
    }

    /// Those that the command line names.
    var gateways: Set<IPAddress> = []
    static let maxHops = 5_000
    static let maxSpans = 2_000
    static let maxAllSpans = 200_000
    private(set) var hops: [SocketAddress: Hop] = [:]
    private var allSpans = 0
    /// Calls that went to an address without the server: caller and callee.
    private(set) var strangers: [SocketAddress: EvidenceList] = [:]
    /// 3xx answers, by where they were sent.
    private(set) var redirected: [SocketAddress: EvidenceList] = [:]
    private var gatewayLabels: Set<UInt16> = []
    private var readLabels = 0

    mutating func note(_ context: CallContext, _ facts: CallFacts, seed: UInt64) {
        let invite = context.records[facts.lastInvite]
        if context.hasServer, !context.servers.contains(invite.source), !context.servers.contains(invite.destination),
            invite.viaCount == 1, self.strangers[invite.destination] != nil || self.strangers.count < 1_000
        {
            self.strangers[invite.destination, default: EvidenceList()].add(
                at: invite.time,
                Evidence("\(invite.source) called \(invite.destination) without the server.", [invite.number]).of(
                    context.callID, invite.time))
        }
        if facts.status / 100 == 3, let final = facts.final {
            let answer = context.records[final]
            if context.isOut(answer), self.redirected[answer.destination] != nil || self.redirected.count < 1_000 {
                self.redirected[answer.destination, default: EvidenceList()].add(
                    at: answer.time,
                    Evidence(
                        "\(answer.status) was sent to the gateway \(answer.destination), which may place the call to \(context.uri(final, .contact)?.text ?? "its target") itself, past the server.",
                        [answer.number]
                    ).of(context.callID, answer.time))
            }
        }
        guard let copy = facts.inviteCopy else { return }
        let out = context.records[copy]
        guard self.hops[out.destination] != nil || self.hops.count < Self.maxHops else { return }
        let hasRoom = self.allSpans < Self.maxAllSpans
        let isKept = Self.update(&self.hops[out.destination, default: Hop()], context, facts, copy, seed, hasRoom)
        if isKept { self.allSpans += 1 }
    }

    /// - Parameter hasRoom: whether one more span may be kept.
    /// - Returns: whether one was.
    private static func update(
        _ hop: inout Hop, _ context: CallContext, _ facts: CallFacts, _ copy: Int, _ seed: UInt64, _ hasRoom: Bool
    ) -> Bool {
        hop.calls += 1
        if facts.isDead { hop.ineffective += 1 }
        let out = context.records[copy]
        if out.hint != 0, !hop.isLabelled { hop.isLabelled = context.isGatewayLabel(out.hint) }
        if context.conversation.traits.contains(.hasCredentials) { hop.withCredentials += 1 }
        if hop.numbers.count < 10 || hop.numeric < hop.calls - 1, let message = context.message(copy),
            let uri = try? URIRanges(parsing: message.span, message.requestURI)
        {
            if isNumber(message.span, uri.user) {
                hop.numeric += 1
                let hash = IdentityHash.of(message.span, uri.user, seed: seed)
                if hop.numbers.count < 10, !hop.numbers.contains(hash) { hop.numbers.append(hash) }
            }
        } else {
            hop.numeric += 1
        }
        let refusal = context.records.indices.first {
            let record = context.records[$0]
            return $0 > copy && record.status >= 300 && record.isAnswer(to: .invite) && record.source == out.destination
                && record.cSeq == out.cSeq
        }
        if let refusal {
            let record = context.records[refusal]
            if hop.refusals[record.status] != nil || hop.refusals.count < 32 {
                hop.refusals[record.status, default: 0] += 1
            }
            hop.agent = record.agent
            if let cause = context.cause(refusal) { hop.causes[cause, default: 0] += 1 }
            if record.status == 503 || record.status == 486 || record.status == 480, hop.full.count < 1_000 {
                hop.full.append(record.time)
            }
        }
        if context.hasTimes, facts.isAnswered, let final = facts.final, let bye = facts.bye,
            context.records[bye].time > context.records[final].time, hop.spans.count < maxSpans, hasRoom
        {
            hop.spans.append(context.records[final].time..<context.records[bye].time)
            return true
        }
        return false
    }

    /// Digits, perhaps behind a plus: at least seven of them, or it may be an extension.
    static func isNumber(_ bytes: Span<UInt8>, _ user: ByteRange) -> Bool {
        var start = user.start
        if start < user.end, bytes[start] == 0x2B { start += 1 }
        guard user.end - start >= 7 else { return false }
        return (start..<user.end).allSatisfy { ASCII.isDigit(bytes[$0]) }
    }

    /// Whether an address is a gateway: labelled so, or called only with numbers, ten different ones at least.
    func isGateway(_ address: SocketAddress) -> Bool {
        if self.gateways.contains(address.ip) { return true }
        guard let hop = self.hops[address] else { return false }
        return hop.isLabelled || (hop.numbers.count >= 10 && hop.numeric == hop.calls)
    }

    /// How many answered calls were up when each refusal came, and the most that ever were.
    static func levels(_ hop: Hop) -> (atRefusal: [Int], most: Int) {
        let changes = (hop.spans.map { ($0.lowerBound, 1) } + hop.spans.map { ($0.upperBound, -1) })
            .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
        var up = 0
        var most = 0
        var place = 0
        var levels: [Int] = []
        for time in hop.full.sorted() {
            while place < changes.count, changes[place].0 <= time {
                up += changes[place].1
                most = max(most, up)
                place += 1
            }
            levels.append(up)
        }
        while place < changes.count {
            up += changes[place].1
            most = max(most, up)
            place += 1
        }
        return (levels, most)
    }
}

extension CallContext {
    /// The Q.850 cause in a message's Reason header.
    func cause(_ place: Int) -> UInt8? {
        guard let message = self.message(place) else { return nil }
        for range in message.values(.reason) {
            let text = Printable.text(message[range])
            guard text.lowercased().hasPrefix("q.850") else { continue }
            guard let word = Self.word(after: "cause=", in: text) else { continue }
            let digits = String(word.prefix { $0.isASCII && $0.isNumber })
            if let number = SessionFacts.number(digits, limit: 127) { return UInt8(number) }
        }
        return nil
    }
}
