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
    /// For each number of an agent, whether it is a scanner's tool.
    private var toolFlags: [Bool] = []

    /// Limits of one run (`--memory`, `--max-calls`).
    struct Limits: Sendable {
        var conversations = 500_000
        var bytes = 192 << 20
    }

    /// - Parameters:
    ///   - seed: what the identities' hashes begin with; drawn anew for each run.
    ///   - isParallel: whether conversations are judged on a thread of their own.
    init(
        limits: Limits = Limits(), engine: DiagnosisEngine = DiagnosisEngine(), options: JudgeOptions = JudgeOptions(),
        seed: UInt64 = UInt64.random(in: 1...UInt64.max), isParallel: Bool = false
    ) {
        self.judging = Judging(Judge(engine: engine, options: options, seed: seed), isParallel: isParallel)
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
            return self.takeBroken(origin, hasTime: hasTime)
        }
        let identity = MessageIdentity(
            self.index, payload, from: origin.source, to: origin.destination, seed: self.seed)
        self.take(payload, origin, identity, hasTime: hasTime, repairs: repairs)
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
            guard let identity = entry.identity else {
                self.takeBroken(entry.origin, hasTime: entry.hasTime)
                continue
            }
            // The table changes hands and comes back: no copy.
            swap(&self.index, &batch.indexes[place])
            self.take(
                batch.bytes.span.extracting(entry.start..<entry.end), entry.origin, identity, hasTime: entry.hasTime,
                repairs: entry.repairs)
            swap(&self.index, &batch.indexes[place])
        }
        for note in notes { self.take(note.note) }
    }

    /// Asks for what the tables have of a message that comes soon.
    @inline(__always)
    private mutating func expect(_ batch: MessageBatch, _ place: Int) {
        guard place < batch.entries.count, let identity = batch.entries[place].identity else { return }
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

    private mutating func takeBroken(_ origin: MessageOrigin, hasTime: Bool) {
        self.number &+= 1
        if hasTime { self.noteTime(Self.bounded(origin.time)) }
        self.summary.messages.malformed += 1
    }

    /// Counts the message whose header table is in ``index``.
    private mutating func take(
        _ payload: Span<UInt8>, _ origin: MessageOrigin, _ identity: MessageIdentity, hasTime: Bool,
        repairs: TextRepairs
    ) {
        var origin = origin
        origin.time = Self.bounded(origin.time)
        self.number &+= 1
        if hasTime { self.noteTime(origin.time) }
        if identity.isIncomplete { self.summary.messages.incomplete += 1 }
        let passage = self.tracker.see(
            identity, statusCode: self.index.statusCode, length: payload.count, from: origin.source,
            to: origin.destination, time: hasTime ? origin.time : nil, number: self.number)
        let kind: ExchangeRecord.Kind =
            switch passage {
            case .first: .first
            case .relayed: .relayed
            case .repeated: .repeated
            case .duplicate: .duplicate
            }
        self.count(payload, identity, kind)
        guard kind != .duplicate else { return }
        self.summary.nodes.see(identity, self.index, payload, origin.source)
        let agent = self.readAgent(payload, kind, origin.source)
        let registration = RegistrationNote(self.index, payload, identity, seed: self.seed)
        let record = self.record(payload, identity, origin, kind, agent, repairs, registration)
        self.noteNoise(payload, identity, record)
        self.notePeers(payload, identity, record)
        self.keep(record, identity.call, registration, payload)
        self.closeFinished(now: origin.time, hasTimes: hasTime)
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

    private mutating func count(
        _ payload: Span<UInt8>, _ identity: MessageIdentity, _ kind: ExchangeRecord.Kind
    ) {
        if !self.index.isRequest {
            self.summary.messages.addResponse(self.index.statusCode, kind, to: identity.method)
        } else if self.index.method == .other {
            self.summary.messages.addOther(Printable.text(payload.copy(self.index.methodRange)), kind)
        } else {
            self.summary.messages.addRequest(self.index.method, kind)
        }
    }

    private mutating func readAgent(_ payload: Span<UInt8>, _ kind: ExchangeRecord.Kind, _ source: SocketAddress)
        -> UInt32
    {
        var number: UInt32 = 0
        if let server = self.index.first(.server) {
            number = self.summary.agents.number(payload, server, seed: self.seed)
            self.summary.agents.count(number, isServer: true, isFirst: kind == .first)
        }
        if let userAgent = self.index.first(.userAgent) {
            number = self.summary.agents.number(payload, userAgent, seed: self.seed)
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
        _ payload: Span<UInt8>, _ identity: MessageIdentity, _ origin: MessageOrigin, _ kind: ExchangeRecord.Kind,
        _ agent: UInt32, _ repairs: TextRepairs, _ registration: RegistrationNote?
    ) -> ExchangeRecord {
        var traits: ExchangeRecord.Traits = []
        var sketch = SessionSketch()
        let available = self.index.end - self.index.bodyStart
        let length = self.index.first(.contentLength).flatMap { ASCII.number(payload, $0, limit: 0xFF_FFFF) }
        if let length, length != available {
            if length > available { traits.insert(.isCut) }
            traits.insert(.mayBeHalfRewritten)
        }
        if available > 0 {
            traits.insert(.hasBody)
            if available > 2, payload[self.index.bodyStart] == 0x76, payload[self.index.bodyStart + 1] == ASCII.equals {
                traits.insert(.hasSession)
                let used = min(available, length.map { Int($0) } ?? available)
                let glance = SessionGlance(payload, ByteRange(self.index.bodyStart, self.index.bodyStart + used))
                if kind == .relayed, glance.hasPrivateMedia { traits.insert(.hasPrivateMedia) }
                if glance.hasOddCodecs { traits.insert(.hasOddCodecs) }
                if glance.isHalfPublic { traits.insert(.mayBeHalfRewritten) }
                sketch = glance.sketch
            }
        }
        if self.index.contains(.authorization) { traits.formUnion([.hasCredentials, .hasAuthorization]) }
        if self.index.contains(.proxyAuthorization) { traits.formUnion([.hasCredentials, .hasProxyAuthorization]) }
        if self.index.contains(.sessionExpires) { traits.insert(.hasSessionExpires) }
        if identity.lacksReceived { traits.insert(.lacksReceived) }
        if let route = self.index.first(.route) {
            traits.insert(.hasRoute)
            let end = payload.firstIndex(of: ASCII.greater, in: route) ?? route.end
            if !payload.holds(ByteRange(route.start, end), ";lr") { traits.insert(.hasStrictRoute) }
        }
        if self.index.contains(.recordRoute) { traits.insert(.hasRecordRoute) }
        if self.index.contains(.warning) { traits.insert(.hasWarning) }
        if self.index.contains(.date) { traits.insert(.hasDate) }
        if identity.viaCount > 1, self.index.isRequest, self.namesTransport(payload) { traits.insert(.namesTransport) }
        if kind == .relayed, let contact = self.index.first(.contact), Glance.mayBePrivate(payload, contact) {
            traits.insert(.hasPrivateContact)
        }
        if self.index.statusCode == 401 || self.index.statusCode == 407 {
            if self.isStale(payload) { traits.insert(.isStale) }
            if let warning = self.index.first(.warning), Glance.namesTwoHosts(payload, warning) {
                traits.insert(.namesTwoHosts)
            }
        }
        if repairs.isMangled { traits.insert(.isMangled) }
        if origin.isTruncated { traits.insert(.isCut) }
        if identity.isIncomplete { traits.insert(.isIncomplete) }
        if !identity.hasCookie { traits.insert(.hasOldBranch) }
        if self.index.isRequest, let host = IPAddress(parsing: payload, identity.topHost) {
            if kind == .first, identity.viaCount == 1, identity.method == .invite || identity.method == .register,
                self.contactDiffers(payload, SocketAddress(host, identity.topPort ?? 5060), origin.source, registration)
            {
                traits.insert(.mayBeHalfRewritten)
            }
            if host.isPrivate || host.isLoopback { traits.insert(.hasPrivateVia) }
            if host != origin.source.ip {
                traits.insert(.hasOtherVia)
            } else if (identity.topPort ?? 5060) != origin.source.port {
                traits.insert(.hasOtherPort)
            }
        }
        let forwards = self.index.first(.maxForwards).flatMap { ASCII.number(payload, $0, limit: 255) }
        let hint =
            self.index.first(.pHint).map { self.summary.hints.number(payload, $0, isRepeat: kind == .repeated) } ?? 0
        return ExchangeRecord(
            number: self.number, time: origin.time, source: origin.source, destination: origin.destination,
            transport: origin.transport, status: UInt16(truncatingIfNeeded: self.index.statusCode),
            method: identity.method,
            cSeq: identity.cSeq, viaCount: UInt8(truncatingIfNeeded: min(255, identity.viaCount)), passage: kind,
            original: 0, endToEnd: identity.endToEnd, topBranch: identity.topBranch,
            bottomBranch: identity.bottomBranch,
            fromTag: identity.fromTag, toTag: identity.toTag, start: 0, length: 0, hint: hint, agent: agent,
            traits: traits, maxForwards: forwards.map { Int16($0) } ?? -1, sketch: sketch)
    }

    /// Whether the Contact is of another kind than the Via, private or public, or Contact, Via and packet have three ports.
    private func contactDiffers(
        _ payload: Span<UInt8>, _ via: SocketAddress, _ source: SocketAddress, _ registration: RegistrationNote?
    ) -> Bool {
        guard
            let contact = registration != nil
                ? registration?.address : self.index.first(.contact).flatMap({ Self.address(payload, $0) })
        else { return false }
        if contact.ip.isPrivate != via.ip.isPrivate { return true }
        return via.ip == source.ip && contact.ip == source.ip && via.port != contact.port && via.port != source.port
            && contact.port != source.port
    }

    /// The first address of a line, where its host is written as one.
    private static func address(_ bytes: Span<UInt8>, _ value: ByteRange) -> SocketAddress? {
        if let usual = UsualAddress(bytes, value) {
            return IPAddress(parsing: bytes, usual.host).map { SocketAddress($0, usual.port ?? 5060) }
        }
        var cursor = ByteCursor(bytes, value)
        guard let address = try? AddressRanges(parsing: &cursor), let uri = try? URIRanges(parsing: bytes, address.uri),
            let host = IPAddress(parsing: bytes, uri.host)
        else { return nil }
        return SocketAddress(host, uri.port ?? 5060)
    }

    private func namesTransport(_ payload: Span<UInt8>) -> Bool {
        payload.holds(self.index.requestURI, "transport=")
            || self.index.first(.route).map { payload.holds($0, "transport=") } ?? false
    }

    private func isStale(_ payload: Span<UInt8>) -> Bool {
        guard let challenge = self.index.first(.wwwAuthenticate) ?? self.index.first(.proxyAuthenticate) else {
            return false
        }
        return payload.holds(challenge, "stale=true") || payload.holds(challenge, "stale=\"true")
    }

    private mutating func noteNoise(_ payload: Span<UInt8>, _ identity: MessageIdentity, _ record: ExchangeRecord) {
        guard record.isFirst, identity.viaCount == 1 else { return }
        if record.isRequest {
            guard record.method == .invite || record.method == .register || record.method == .options,
                record.toTag == 0
            else { return }
            let user = self.index.first(.to).map { IdentityHash.of(payload, $0, seed: self.seed) } ?? 0
            self.summary.noise.request(
                from: record.source.ip, user: user, agent: record.agent, isTool: self.toolFlags[Int(record.agent)],
                time: record.time)
        } else if record.isFinal {
            self.summary.noise.answer(to: record.destination.ip, status: Int(record.status))
        }
    }

    /// Remembers when each address was last heard of, and which registered from behind a NAT.
    private mutating func notePeers(_ payload: Span<UInt8>, _ identity: MessageIdentity, _ record: ExchangeRecord) {
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

    /// Whom a request asks for.
    private func target(_ payload: Span<UInt8>) -> UInt64? {
        guard let uri = try? URIRanges(parsing: payload, self.index.requestURI), !uri.user.isEmpty else { return nil }
        return CallContext.identity(payload, uri, seed: self.seed)
    }

    // MARK: Conversations

    private mutating func keep(
        _ record: ExchangeRecord, _ call: UInt64, _ registration: RegistrationNote?, _ payload: Span<UInt8>
    ) {
        guard call != 0 else { return }
        let (conversation, isNew) = self.conversations.conversation(call)
        let before = isNew ? 0 : conversation.footprint
        if let registration { conversation.note(registration) }
        if record.isRequest(.invite), record.toTag == 0, record.isFirst {
            conversation.target = (conversation.records.count, self.target(payload))
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
        while var conversation = self.conversations.nextClosed(now: now, hasTimes: hasTimes) {
            self.close(conversation)
            // Judged here, nobody knows it any more; on another thread, it is still on its way.
            if isKnownUniquelyReferenced(&conversation) { self.conversations.reuse(conversation) }
        }
    }

    private mutating func close(_ conversation: Conversation) {
        guard let first = conversation.records.first else { return }
        let opener = first.isRequest ? first.source.ip : first.destination.ip
        // Who the server is changes rarely once it is known.
        if self.servers.isEmpty || self.closings % 512 == 0 { self.servers = ServerSet(self.summary.nodes.servers) }
        self.closings += 1
        let agents = self.summary.agents.texts(from: self.toldAgents)
        let labels = self.summary.hints.labels[self.toldLabels...]
        self.toldAgents += agents.count
        self.toldLabels += labels.count
        self.judging.judge(
            ClosedConversation(
                conversation: conversation, isNoise: !self.includesNoise && self.summary.noise.isNoise(opener),
                now: self.lastTime,
                hasTimes: self.summary.hasTimes, isLaboratory: !self.sawPublicAddress, servers: self.servers,
                wantsMedia: self.wantsMedia, newAgents: agents, newLabels: Array(labels)))
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
