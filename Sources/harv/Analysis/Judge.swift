import SIPKit
import SIPTrace

/// Looks at each conversation when it is over: what became of the call, which rules speak, what the figures get of it.
///
/// Nothing that the judge finds goes back to the analyser. So it can work on another core, and the result is the same:
/// conversations come in the order in which they ended.
struct Judge {
    private(set) var calls = CallFigures()
    private(set) var registrations = RegistrationFigures()
    private(set) var pings = PingFigures()
    private(set) var hops: [SocketAddress: NextHop] = [:]
    private(set) var callLines: [CallLine] = []
    private(set) var ladder: String? = nil
    private(set) var unkept = 0
    private var engine: DiagnosisEngine
    private var index = MessageIndex()
    private var agents: [[UInt8]] = []
    private var labels: [[UInt8]] = []
    private let ledgers: Ledgers
    private let options: JudgeOptions
    private let seed: UInt64

    init(engine: DiagnosisEngine, options: JudgeOptions, seed: UInt64) {
        self.engine = engine
        self.options = options
        self.seed = seed
        self.ledgers = Ledgers(seed: seed)
    }

    mutating func judge(_ closed: ClosedConversation) {
        self.agents += closed.newAgents
        self.labels += closed.newLabels
        let conversation = closed.conversation
        let records = conversation.records
        self.unkept += conversation.unkept
        guard !records.isEmpty else { return }
        let facts = conversation.hasInvite ? CallFacts(records) : nil
        if !closed.isNoise { self.examine(closed, facts) }
        if let facts {
            if closed.isNoise {
                self.calls.noise += 1
            } else {
                self.calls.add(facts, records, hasTimes: closed.hasTimes)
                self.noteHop(facts, records)
                if self.callLines.count < self.options.maxCallLines {
                    self.callLines.append(CallLine(facts, records, conversation.message(facts.firstInvite)))
                }
            }
        }
        if let register = records.first(where: { $0.isRequest(.register) }) {
            if closed.isNoise {
                self.registrations.noise += 1
            } else {
                self.registrations.add(records, user: self.user(conversation, register), hasTimes: closed.hasTimes)
            }
        }
        if !closed.isNoise, records.contains(where: { $0.isRequest(.options) }) {
            self.pings.add(records, hasTimes: closed.hasTimes)
        }
    }

    private mutating func noteHop(_ facts: CallFacts, _ records: [ExchangeRecord]) {
        guard let copy = facts.inviteCopy else { return }
        let address = records[copy].destination
        guard self.hops[address] != nil || self.hops.count < NextHop.maxHops else { return }
        self.hops[address, default: NextHop(address: address)].add(facts, records, copy: copy)
    }

    private mutating func examine(_ closed: ClosedConversation, _ facts: CallFacts?) {
        let (agents, labels) = (self.agents, self.labels)
        if closed.wantsMedia { self.ledgers.media.isWanted = true }
        let context = CallContext(
            closed.conversation, facts: facts, servers: closed.servers,
            now: max(closed.now, closed.conversation.lastTime), hasTimes: closed.hasTimes,
            isLaboratory: closed.isLaboratory, quiet: closed.conversation.quiet, ledgers: self.ledgers,
            agents: { number in Int(number) < agents.count ? Printable.text(agents[Int(number)]) : "" },
            labels: { number in Int(number) < labels.count ? labels[Int(number)] : [] })
        self.engine.examine(context)
        self.ledgers.note(context)
        if let wanted = self.options.wantedCall, self.ladder == nil, context.callID == Printable.text(wanted) {
            var engine = DiagnosisEngine()
            engine.examine(context)
            let findings = engine.conversationFindings
            self.ladder = Ladder(context: context, findings: findings, hasDates: self.options.hasDates).text()
        }
    }

    /// The hash of the To URI of a REGISTER: the address-of-record.
    private mutating func user(_ conversation: Conversation, _ record: ExchangeRecord) -> UInt64 {
        guard record.length > 0 else { return 0 }
        let message = Array(conversation.bytes[Int(record.start)..<Int(record.start + record.length)])
        guard (try? self.index.parse(message.span)) != nil, let to = self.index.first(.to) else { return 0 }
        var cursor = ByteCursor(message.span, to)
        guard let address = try? AddressRanges(parsing: &cursor) else { return 0 }
        return IdentityHash.of(message.span, address.uri, seed: self.seed)
    }

    /// Writes what was found into the summary, and lets the rules about everything together look at it.
    mutating func finish(_ summary: inout Summary, log: LogLedger, streams: [RTPStream]) {
        self.ledgers.log = log
        self.ledgers.media.streams += streams
        summary.calls = self.calls
        summary.registrations = self.registrations
        let keepAlives = summary.pings.keepAlives
        summary.pings = self.pings
        summary.pings.keepAlives = keepAlives
        summary.hops = self.hops
        summary.callLines = self.callLines
        summary.ladder = self.ladder
        summary.unkept = self.unkept
        summary.findings = self.engine.finish(Population(summary: summary, ledgers: self.ledgers))
    }
}

/// What is wanted of each conversation besides figures.
struct JudgeOptions: Sendable {
    /// How many calls are listed one by one.
    var maxCallLines = 10
    /// The Call-ID of a call whose ladder is wanted.
    var wantedCall: [UInt8]? = nil
    /// Whether the trace's times are dates.
    var hasDates = true
}
