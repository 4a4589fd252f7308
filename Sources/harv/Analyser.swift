import SIPKit
import SIPTrace

/// Takes the messages of a trace one by one and counts; what belongs together is kept until it is complete.
struct Analyser {
    private(set) var summary = Summary()
    private var tracker = PassageTracker()
    private var conversations: ConversationTable
    private var index = MessageIndex()
    /// How long the receiver of the message at hand had been quiet.
    private var lastQuiet: PeerTable.Quiet? = nil
    private var number: UInt32 = 0
    private var lastTime: Int64 = 0
    private let seed: UInt64
    private let judging: Judging
    /// Whether what only probes counts like everything else.
    private let includesNoise: Bool
    /// How many agents and labels the judge has been told of.
    private var toldAgents = 0
    private var toldLabels = 0
    private var peers = PeerTable()
    private var servers = ServerSet()
    private var closings = 0
    /// What servers' logs said, and the sound of captures: for the judge, at the end.
    private var log = LogLedger()
    private var streams: [RTPStream] = []
    private var wantsMedia = false
    /// Whether the next message is the first of an input: a set of files has gaps.
    private var isNewInput = false
    private var sawPublicAddress = false
    /// Called for each message in the order of the trace, on the thread that analyses.
    var onMessage: (@Sendable (SeenMessage) -> Void)? = nil
    /// For each number of an agent, whether it is a scanner's tool.
    private var toolFlags: [Bool] = []

    /// Limits of one run (`--memory`, `--max-calls`).
    struct Limits: Sendable {
        var conversations = 500_000
        var bytes = 192 << 20
    }

    /// - Parameters:
    ///   - seed: what the identities' hashes begin with; drawn anew for each run.
    ///   - judging: where conversations are judged; here when left out.
    init(
        limits: Limits = Limits(), engine: DiagnosisEngine = DiagnosisEngine(), options: JudgeOptions = JudgeOptions(),
        seed: UInt64 = UInt64.random(in: 1...UInt64.max), judging: Judging? = nil
    ) {
        self.judging = judging ?? .here(JudgeQueue(Judge(engine: engine, options: options, seed: seed)))
        self.includesNoise = options.includesNoise
        self.summary.includesNoise = options.includesNoise
        self.conversations = ConversationTable(limit: limits.conversations, byteLimit: limits.bytes)
        self.seed = seed
    }

    var openConversations: Int { self.conversations.count }
    var messageCount: Int { Int(self.number) }

    mutating func declare(servers: [SocketAddress]) {
        self.summary.nodes.declared = servers
        self.servers = ServerSet(servers)
    }
    mutating func note(input: Summary.Input) {
        self.summary.inputs.append(input)
        self.isNewInput = true
    }
    /// A line of a server's log.
    mutating func note(_ line: LogLine) { self.log.note(line) }
    /// The sound of a capture: that it will be read, and what it was.
    mutating func expectMedia() { self.wantsMedia = true }
    mutating func note(media: [RTPStream]) {
        self.streams += media.prefix(max(0, MediaTracker.maximumStreams - self.streams.count))
    }
    mutating func note(_ text: TextStatistics) { self.summary.text.add(text) }
    mutating func note(icmp: Summary.ICMPNote) {
        self.summary.icmp[icmp, default: 0] += self.summary.icmp.count < 10_000 ? 1 : 0
    }
    mutating func noteKeepAlive() { self.summary.pings.keepAlives += 1 }
    mutating func noteClock(hasTimes: Bool, hasDates: Bool) {
        self.summary.hasTimes = self.summary.hasTimes && hasTimes
        self.summary.hasDates = self.summary.hasDates && hasDates
    }
    mutating func notePartial() { self.summary.isPartial = true }

    /// Counts one message.
    ///
    /// - Parameter hasTime: whether `origin.time` means anything.
    mutating func take(_ payload: Span<UInt8>, _ origin: MessageOrigin, hasTime: Bool, repairs: TextRepairs = []) {
        guard (try? self.index.parse(payload)) != nil else {
            return self.takeBroken(payload, origin, hasTime: hasTime)
        }
        var registration: RegistrationNote? = nil
        let facts = MessageFacts(
            self.index, payload, origin, repairs: repairs, seed: self.seed, registration: &registration)
        self.take(payload, origin, facts, registration, hasTime: hasTime)
    }

    /// Counts what a reader has collected.
    mutating func take(_ batch: MessageBatch) {
        var notes = batch.notes[...]
        for place in batch.entries.indices {
            while let first = notes.first, first.before <= place {
                self.take(first.note)
                notes.removeFirst()
            }
            let entry = batch.entries[place]
            self.expect(batch, place &+ 2)
            guard entry.facts >= 0 else {
                self.takeBroken(
                    batch.bytes.span.extracting(entry.start..<entry.end), entry.origin, hasTime: entry.hasTime)
                continue
            }
            self.take(
                batch.bytes.span.extracting(entry.start..<entry.end), entry.origin, batch.facts[entry.facts],
                entry.registration < 0 ? nil : batch.registrations[entry.registration], hasTime: entry.hasTime)
        }
        for note in notes { self.take(note.note) }
    }

    /// Asks for what the tables have of a message that comes soon.
    @inline(__always)
    private mutating func expect(_ batch: MessageBatch, _ place: Int) {
        guard place < batch.entries.count, batch.entries[place].facts >= 0 else { return }
        let identity = batch.facts[batch.entries[place].facts].identity
        self.tracker.expect(identity)
        self.conversations.expect(identity.call)
    }

    private mutating func take(_ note: MessageBatch.Note) {
        switch note {
        case .keepAlive: self.noteKeepAlive()
        case .icmp(let icmp): self.note(icmp: icmp)
        case .log(let record):
            self.note(LogLine(time: record.time, program: record.program, text: record.text))
        case .expectMedia: self.expectMedia()
        case .media(let streams): self.note(media: streams)
        case .checkpoint(let look): look(self)
        case .input(let input, let text, let hasTimes, let hasDates):
            self.note(input: input)
            self.note(text)
            self.noteClock(hasTimes: hasTimes, hasDates: hasDates)
        }
    }

    /// Times that a capture may have: a century in both directions, so that differences of two always fit.
    private static func bounded(_ time: Int64) -> Int64 {
        min(max(time, -3_200_000_000_000_000_000), 3_200_000_000_000_000_000)
    }

    private mutating func takeBroken(_ payload: Span<UInt8>, _ origin: MessageOrigin, hasTime: Bool) {
        self.number &+= 1
        self.tell(payload, origin, nil, hasTime: hasTime)
        if hasTime { self.noteTime(Self.bounded(origin.time)) }
        self.summary.messages.malformed += 1
    }

    /// Counts one message.
    private mutating func take(
        _ payload: Span<UInt8>, _ origin: MessageOrigin, _ facts: MessageFacts, _ registration: RegistrationNote?,
        hasTime: Bool
    ) {
        var origin = origin
        origin.time = Self.bounded(origin.time)
        self.number &+= 1
        if hasTime { self.noteTime(origin.time) }
        if facts.identity.isIncomplete { self.summary.messages.incomplete += 1 }
        let passage = self.tracker.see(
            facts.identity, statusCode: Int(facts.status), length: payload.count, from: origin.source,
            to: origin.destination, time: hasTime ? origin.time : nil, number: self.number)
        let kind: ExchangeRecord.Kind =
            switch passage {
            case .first: .first
            case .relayed: .relayed
            case .repeated: .repeated
            case .duplicate: .duplicate
            }
        self.count(payload, facts, kind)
        self.tell(payload, origin, kind, hasTime: hasTime)
        guard kind != .duplicate else { return }
        self.summary.nodes.see(facts.nodePoints, origin.source)
        let agent = self.noteAgent(payload, facts, kind, origin.source)
        let record = self.record(payload, facts, origin, kind, agent)
        self.noteNoise(facts, record)
        self.notePeers(record)
        self.keep(record, facts, registration, payload)
        self.closeFinished(now: origin.time, hasTimes: hasTime)
    }

    @inline(__always)
    private mutating func tell(
        _ payload: Span<UInt8>, _ origin: MessageOrigin, _ passage: ExchangeRecord.Kind?, hasTime: Bool
    ) {
        guard let onMessage = self.onMessage else { return }
        onMessage(
            SeenMessage(
                number: self.number, origin: origin, hasTime: hasTime, passage: passage,
                bytes: payload.copy(ByteRange(0, payload.count))))
    }

    private mutating func noteTime(_ time: Int64) {
        if self.summary.firstTime == nil {
            self.summary.firstTime = time
        } else if !self.isNewInput {
            self.summary.jumps.note(from: self.lastTime, to: time)
        }
        self.isNewInput = false
        if time < self.lastTime {
            self.summary.backwards += 1
            self.summary.furthestBack = max(self.summary.furthestBack, self.lastTime - time)
        }
        self.lastTime = time
        self.summary.lastTime = max(self.summary.lastTime ?? time, time)
    }

    private mutating func count(_ payload: Span<UInt8>, _ facts: MessageFacts, _ kind: ExchangeRecord.Kind) {
        if !facts.isRequest {
            self.summary.messages.addResponse(Int(facts.status), kind, to: facts.identity.method)
        } else if facts.method == .other {
            self.summary.messages.addOther(Printable.text(payload.copy(facts.methodRange)), kind)
        } else {
            self.summary.messages.addRequest(facts.method, kind)
        }
    }

    private mutating func noteAgent(
        _ payload: Span<UInt8>, _ facts: MessageFacts, _ kind: ExchangeRecord.Kind, _ source: SocketAddress
    ) -> UInt32 {
        var number: UInt32 = 0
        if let server = facts.server {
            number = self.summary.agents.number(payload, server)
            self.summary.agents.count(number, isServer: true, isFirst: kind == .first)
        }
        if let userAgent = facts.userAgent {
            number = self.summary.agents.number(payload, userAgent)
            self.summary.agents.count(number, isServer: false, isFirst: kind == .first)
        }
        while self.toolFlags.count <= Int(number) {
            self.toolFlags.append(NoiseSources.isTool(self.summary.agents.agents[self.toolFlags.count].text))
        }
        if kind == .first, self.includesNoise || !self.toolFlags[Int(number)] && !self.summary.noise.isNoise(source.ip)
        {
            self.summary.agents.see(number, from: source.ip, seed: self.seed)
        }
        return number
    }

    private mutating func record(
        _ payload: Span<UInt8>, _ facts: MessageFacts, _ origin: MessageOrigin, _ kind: ExchangeRecord.Kind,
        _ agent: UInt32
    ) -> ExchangeRecord {
        var traits = facts.traits
        if kind == .first { traits.formUnion(facts.traitsOfFirst) }
        if kind == .relayed { traits.formUnion(facts.traitsOfRelayed) }
        let hint =
            facts.hint.isEmpty
            ? 0 : self.summary.hints.number(payload, facts.hint, isRepeat: kind == .repeated)
        let identity = facts.identity
        return ExchangeRecord(
            number: self.number, time: origin.time, source: origin.source, destination: origin.destination,
            transport: origin.transport, status: facts.status, method: identity.method, cSeq: identity.cSeq,
            viaCount: UInt8(truncatingIfNeeded: min(255, identity.viaCount)), passage: kind, original: 0,
            endToEnd: identity.endToEnd, topBranch: identity.topBranch, bottomBranch: identity.bottomBranch,
            fromTag: identity.fromTag, toTag: identity.toTag, start: 0, length: 0, hint: hint, agent: agent,
            traits: traits, maxForwards: facts.maxForwards, sketch: facts.sketch)
    }

    private mutating func noteNoise(_ facts: MessageFacts, _ record: ExchangeRecord) {
        guard record.isFirst, facts.identity.viaCount == 1 else { return }
        if record.isRequest {
            guard facts.isProbeable else { return }
            self.summary.noise.request(
                from: record.source.ip, user: facts.user, agent: record.agent,
                isTool: self.toolFlags[Int(record.agent)], time: record.time)
        } else if record.isFinal {
            self.summary.noise.answer(to: record.destination.ip, status: Int(record.status))
        }
    }

    /// Remembers when each address was last heard of, and which registered from behind a NAT.
    private mutating func notePeers(_ record: ExchangeRecord) {
        if !self.sawPublicAddress {
            self.sawPublicAddress =
                AddressScope.isPublic(record.source.ip) || AddressScope.isPublic(record.destination.ip)
        }
        if record.passage == .relayed, record.isRequest {
            self.summary.relayedRequests += 1
            if record.hint != 0 { self.summary.labelledRequests += 1 }
        }
        let isBehindNAT = record.isRequest(.register) && record.isFirst && record.traits.contains(.hasOtherVia)
        self.lastQuiet = self.peers.note(record, isBehindNAT: isBehindNAT, seed: self.seed)
        if !self.servers.isEmpty {
            self.summary.stalls.note(record, isOut: self.servers.contains(record.source))
        }
    }

    // MARK: Conversations

    private mutating func keep(
        _ record: ExchangeRecord, _ facts: MessageFacts, _ registration: RegistrationNote?, _ payload: Span<UInt8>
    ) {
        let call = facts.identity.call
        guard call != 0 else { return }
        let (conversation, isNew) = self.conversations.conversation(call, isCall: facts.method == .invite)
        let before = isNew ? 0 : conversation.footprint
        if let registration { conversation.note(registration) }
        if record.isRequest(.invite), record.toTag == 0, record.isFirst {
            conversation.target = .init(place: conversation.records.count, identity: facts.target)
        }
        conversation.append(record, payload)
        if record.isRequest(.invite), record.passage == .relayed, conversation.quiet == nil, let quiet = self.lastQuiet
        {
            conversation.quiet = quiet.nanoseconds
            conversation.quietPeerIsBehindNAT = quiet.isBehindNAT
        }
        self.conversations.account(conversation.footprint - before)
        if isNew { self.conversations.enqueue(conversation) }
    }

    @inline(__always)
    private mutating func closeFinished(now: Int64, hasTimes: Bool) {
        while let conversation = self.conversations.nextClosed(now: now, hasTimes: hasTimes) {
            self.close(conversation)
            while var judged = self.judging.takeJudged() {
                if isKnownUniquelyReferenced(&judged) { self.conversations.reuse(judged) }
            }
        }
    }

    private mutating func close(_ conversation: Conversation) {
        guard let first = conversation.records.first else { return }
        let standing =
            self.includesNoise
            ? .ordinary : self.summary.noise.standing(of: first.isRequest ? first.source.ip : first.destination.ip)
        // Who the server is changes rarely once it is known.
        if self.servers.isEmpty || self.closings % 512 == 0 { self.servers = ServerSet(self.summary.nodes.servers) }
        self.closings += 1
        let agents = self.summary.agents.texts(from: self.toldAgents)
        let labels = self.summary.hints.labels[self.toldLabels...]
        self.toldAgents += agents.count
        self.toldLabels += labels.count
        self.judging.judge(
            ClosedConversation(
                conversation: conversation, isNoise: standing == .scanner, isBusy: standing == .busy,
                now: self.lastTime,
                hasTimes: self.summary.hasTimes, isLaboratory: !self.sawPublicAddress, servers: self.servers,
                wantsMedia: self.wantsMedia, wantsOutcomes: self.log.hasAccounting, newAgents: agents,
                newLabels: Array(labels)))
    }

    /// Closes what is still open and gives the result.
    mutating func finish() -> Summary {
        self.servers = ServerSet(self.summary.nodes.servers)
        for conversation in self.conversations.takeAll() { self.close(conversation) }
        var judge = self.judging.finish()
        self.summary.closedEarly = self.conversations.closedEarly
        self.summary.forgottenHops = self.tracker.evicted
        self.summary.namelessDevices = self.summary.agents.namelessDevices(
            besides: self.summary.nodes.servers, seed: self.seed)
        judge.finish(&self.summary, log: self.log, streams: self.streams)
        return self.summary
    }
}

extension TextStatistics {
    mutating func add(_ other: TextStatistics) {
        self.blocks += other.blocks
        self.otherBlocks += other.otherBlocks
        self.marks += other.marks
        self.otherLines += other.otherLines
        self.oversized += other.oversized
        self.wrongLength += other.wrongLength
        self.mangled += other.mangled
    }
}

extension Analyser {
    /// What is kept from one run to the next (`--state`).
    struct Kept: Codable {
        var summary: Summary
        var tracker: PassageTracker
        var conversations: ConversationTable.Kept
        var number: UInt32
        var lastTime: Int64
        var seed: UInt64
        var toldAgents: Int
        var toldLabels: Int
        var peers: PeerTable
        var servers: ServerSet
        var closings: Int
        var log: LogLedger
        var streams: [RTPStream]
        var wantsMedia: Bool
        var isNewInput: Bool
        var sawPublicAddress: Bool
        var toolFlags: [Bool]
        var judge: Judge.Kept
    }

    /// The tables as they are, with what is open; conversations that are over are judged first. Shares objects with the
    /// analyser, so it is to be written before more is taken.
    var kept: Kept {
        Kept(
            summary: self.summary, tracker: self.tracker, conversations: self.conversations.kept, number: self.number,
            lastTime: self.lastTime, seed: self.seed, toldAgents: self.toldAgents, toldLabels: self.toldLabels,
            peers: self.peers, servers: self.servers, closings: self.closings, log: self.log, streams: self.streams,
            wantsMedia: self.wantsMedia, isNewInput: self.isNewInput, sawPublicAddress: self.sawPublicAddress,
            toolFlags: self.toolFlags, judge: self.judging.kept)
    }

    /// Goes on where another analyser was, which had the same seed and options; the judge has been restored by itself.
    mutating func restore(_ kept: Kept) {
        self.summary = kept.summary
        self.tracker = kept.tracker
        self.conversations.restore(kept.conversations)
        self.number = kept.number
        self.lastTime = kept.lastTime
        self.toldAgents = kept.toldAgents
        self.toldLabels = kept.toldLabels
        self.peers = kept.peers
        self.servers = kept.servers
        self.closings = kept.closings
        self.log = kept.log
        self.streams = kept.streams
        self.wantsMedia = kept.wantsMedia
        self.isNewInput = kept.isNewInput
        self.sawPublicAddress = kept.sawPublicAddress
        self.toolFlags = kept.toolFlags
    }
}
