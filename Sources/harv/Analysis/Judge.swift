import SIPKit
import SIPTrace

/// Looks at each conversation when it is over: what became of the call, which rules speak, what the figures get of it.
///
/// Nothing that the judge finds goes back to the analyser. So it can work on another core, and the result is the same:
/// conversations come in the order in which they ended.
struct Judge {
    private var calls = CallFigures()
    private var registrations = RegistrationFigures()
    private var pings = PingFigures()
    private var hops: [SocketAddress: NextHop] = [:]
    private var callLines: [CallLine] = []
    private var ladder: String? = nil
    private var ladders: [String: String] = [:]
    private var series = TimeSeries<Happenings>()
    private var hourly: [Int64: Int] = [:]
    private var agentCalls: [UInt32: CallTally] = [:]
    private var talkers = TalkerTable()
    private var numberPlan: [NumberPlanEntry: Int] = [:]
    private var groups: CallGroups?
    private var users: RegisteredUsers?
    private var search: CallSearch?
    private var edges: EdgeCounter?
    /// Messages of the conversations that the filter lets through.
    private var chosen = MessageCounts()
    private var unkept = 0
    private var suspects = SuspectTable()
    private var hours: HourBook?
    private var engine: DiagnosisEngine
    private var index = MessageIndex()
    private var names = NameList()
    private var ledgers: Ledgers
    private let options: JudgeOptions
    private let seed: UInt64

    static let maxNumberPlan = 500
    static let maxHours = 20_000

    init(engine: DiagnosisEngine, options: JudgeOptions, seed: UInt64) {
        self.engine = engine
        self.options = options
        self.seed = seed
        self.ledgers = Ledgers(seed: seed, known: options.known)
        self.ledgers.outcomes.isWanted = options.expectsLog
        self.groups = options.groupedBy.map { CallGroups($0) }
        self.search = options.wantedName.map { CallSearch($0) }
        self.users = options.wantsUsers ? RegisteredUsers() : nil
        self.edges = options.counting == .edge ? EdgeCounter() : nil
        self.hours = options.keepsHours ? HourBook() : nil
    }

    mutating func judge(_ closed: ClosedConversation) {
        if !closed.newAgents.isEmpty { self.names.add(agents: closed.newAgents) }
        if !closed.newLabels.isEmpty { self.names.add(labels: closed.newLabels) }
        let conversation = closed.conversation
        self.unkept += conversation.unkept
        guard !conversation.records.isEmpty else { return }
        let facts = conversation.hasInvite ? CallFacts(conversation.records) : nil
        let context = self.context(closed, facts)
        let records = context.records
        if self.ledgers.outcomes.isWanted, let facts { self.ledgers.outcomes.note(context, facts) }
        let hits = closed.isNoise ? [] : self.engine.hits(context)
        let edge = self.edges == nil ? [] : EdgeCounter.places(context)
        self.edges?.addNames(context, edge)
        var detail: CallDetail? = nil
        if self.options.needsDetails {
            let rules = hits.map { self.engine.rule($0.rule).id }
            var call = CallDetail(context, rules: rules, labels: self.names.labels)
            call.hasDate = self.options.hasDates
            if let filter = self.options.filter, !filter.matches(call) { return }
            detail = call
        }
        let suspect = self.suspect(closed, context)
        if let suspect { self.exchangeFigures(suspect) }
        defer { if let suspect { self.exchangeFigures(suspect) } }
        if let detail, facts != nil, !closed.isNoise {
            self.options.onCall?(detail)
            self.groups?.add(detail)
        }
        if self.options.filter != nil { self.countMessages(records) }
        self.edges?.addMessages(context, edge, namesOthers: self.options.filter == nil)
        if self.hours != nil {
            self.hours?.note(context, facts, rules: self.engine.counted(hits), isNoise: closed.isNoise)
        }
        if !closed.isNoise { self.record(hits, context, suspect: suspect == nil ? nil : closed.opener) }
        self.noteSeries(closed, facts, hits, edge)
        self.noteTalker(closed, facts)
        if let facts { self.noteCall(closed, facts, suspect) }
        if conversation.has(.register), let place = records.firstIndex(where: { $0.isRequest(.register) }) {
            if closed.isNoise {
                self.registrations.noise += 1
            } else {
                self.noteRegistration(context, place)
            }
        }
        if !closed.isNoise, conversation.has(.options), records.contains(where: { $0.isRequest(.options) }) {
            self.pings.add(records, hasTimes: closed.hasTimes)
        }
    }

    private func context(_ closed: ClosedConversation, _ facts: CallFacts?) -> CallContext {
        if closed.wantsMedia { self.ledgers.media.isWanted = true }
        if closed.wantsOutcomes { self.ledgers.outcomes.isWanted = true }
        return CallContext(
            closed.conversation, facts: facts, servers: closed.servers,
            now: max(closed.now, closed.conversation.lastTime), hasTimes: closed.hasTimes,
            isLaboratory: closed.isLaboratory, quiet: closed.conversation.quiet, ledgers: self.ledgers,
            names: self.names)
    }

    // MARK: Rules

    private mutating func record(
        _ hits: [(rule: Int, evidence: Evidence)], _ context: CallContext, suspect: IPAddress?
    ) {
        if self.options.wantsPage, self.ladders.count < JudgeOptions.maxLadders,
            hits.contains(where: {
                self.engine.rule($0.rule).severity >= .warning
                    && self.engine.caseCount($0.rule) < JudgeOptions.laddersPerRule
            })
        {
            self.ladders[context.callID] = self.ladder(context, PageForm())
        }
        self.engine.record(hits, context, suspect: suspect)
        self.ledgers.note(context)
        if let wanted = self.options.wantedCall, self.ladder == nil, context.callID == Printable.text(wanted) {
            self.ladder = self.wantedLadder(context)
        }
        // Taken out, so that drawing may look at the judge.
        guard var search = self.search else { return }
        self.search = nil
        search.note(context) { self.wantedLadder(context) }
        self.search = search
    }

    private func wantedLadder(_ context: CallContext) -> String {
        self.ladder(context, self.options.form) + (self.options.wantsText ? "\n" + NgrepWriter.text(context) : "")
    }

    private func ladder(_ context: CallContext, _ form: PageForm) -> String {
        var engine = DiagnosisEngine()
        engine.examine(context)
        return Ladder(
            context: context, findings: engine.conversationFindings, hasDates: self.options.hasDates, form: form
        ).text()
    }

    // MARK: Suspects

    /// The place of the figures that are held for who began a conversation; `nil` for nearly everybody.
    private mutating func suspect(_ closed: ClosedConversation, _ context: CallContext) -> Int? {
        guard !closed.isNoise else { return nil }
        let isRefused =
            closed.conversation.marks.contains(.refusedLogin)
            && self.ledgers.guesses.note(context, seed: self.seed)
        guard isRefused || closed.isBusy || !self.suspects.isEmpty, !self.options.includesNoise,
            let opener = closed.opener
        else { return nil }
        if isRefused || closed.isBusy {
            for (_, figures) in self.suspects.sweep(now: closed.now, isGuilty: self.ledgers.guesses.isGuessing) {
                self.add(figures)
            }
        }
        let place =
            isRefused || closed.isBusy
            ? self.suspects.place(
                of: opener,
                new: HeldFigures(since: closed.conversation.firstTime, groupedBy: self.options.groupedBy))
            : self.suspects.place(of: opener)
        guard let place else { return nil }
        if isRefused || closed.isBusy { self.suspects[place].lastTime = closed.now }
        if closed.isBusy { self.suspects[place].isBusy = true }
        return place
    }

    /// Puts the held figures of a source in the place of everybody's, and back: so what is counted for one conversation
    /// is counted there, by the same lines.
    private mutating func exchangeFigures(_ place: Int) {
        swap(&self.calls, &self.suspects[place].calls)
        swap(&self.registrations, &self.suspects[place].registrations)
        swap(&self.pings, &self.suspects[place].pings)
        swap(&self.series, &self.suspects[place].series)
        swap(&self.hourly, &self.suspects[place].hourly)
        swap(&self.agentCalls, &self.suspects[place].agentCalls)
        swap(&self.groups, &self.suspects[place].groups)
        swap(&self.callLines, &self.suspects[place].callLines)
    }

    /// Adds what was held of a source that has done nothing.
    private mutating func add(_ held: HeldFigures) {
        self.calls.add(held.calls)
        self.registrations.add(held.registrations)
        self.pings.add(held.pings)
        self.series.add(held.series)
        for (hour, count) in held.hourly where self.hourly[hour] != nil || self.hourly.count < Self.maxHours {
            self.hourly[hour, default: 0] += count
        }
        for (agent, tally) in held.agentCalls
        where self.agentCalls[agent] != nil || self.agentCalls.count < AgentTable.maxAgents {
            self.agentCalls[agent, default: CallTally()].calls += tally.calls
            self.agentCalls[agent, default: CallTally()].answered += tally.answered
        }
        if let groups = held.groups { self.groups?.add(groups) }
        if !held.callLines.isEmpty {
            let lines = (self.callLines + held.callLines).sorted { $0.time < $1.time }
            self.callLines = Array(lines.prefix(self.options.maxCallLines))
        }
    }

    /// Leaves out what was held of a source that guessed or flooded; its messages were there all the same.
    private mutating func leaveOut(_ address: IPAddress, _ held: HeldFigures) {
        self.calls.noise += held.calls.tried
        self.registrations.noise += held.registrations.tried
        self.series.add(held.series) { slot in
            var messages = Happenings()
            messages.messages = slot.messages
            return messages
        }
        for (hop, part) in held.hops {
            self.hops[hop]?.subtract(part)
            if self.hops[hop]?.calls == 0 { self.hops[hop] = nil }
        }
        self.talkers.note(address) { $0.isNoise = true }
    }

    /// Decides at the end who of the suspects is left out.
    ///
    /// An address behind which others get in (a company's router) stays in the figures though somebody there guesses:
    /// S9 names it, and a figure without the company would be wrong.
    private mutating func settleSuspects(_ summary: Summary) -> [LeftOut] {
        let floods = Set(summary.noise.floods(besides: summary.nodes.servers).sources.map(\.address))
        var leftOut: [LeftOut] = []
        for (address, held) in self.suspects.all {
            let address = address.ip
            var rules: [String] = []
            if self.ledgers.guesses.isGuessing(address), !summary.noise.hasSuccess(address) { rules.append("S9") }
            if floods.contains(address) { rules.append("S10") }
            // A scanner's first tries came before it was known as one.
            if summary.noise.isNoise(address) { rules.append("S1") }
            guard !rules.isEmpty else {
                self.add(held)
                continue
            }
            self.leaveOut(address, held)
            leftOut.append(
                LeftOut(
                    address: address, rules: rules, since: held.since, calls: held.calls.tried,
                    registrations: held.registrations.tried, pings: held.pings.sent))
        }
        self.suspects = SuspectTable()
        return leftOut.sorted { ($1.tries, $0.since, "\($0.address)") < ($0.tries, $1.since, "\($1.address)") }
    }

    // MARK: Figures

    private mutating func noteCall(_ closed: ClosedConversation, _ facts: CallFacts, _ suspect: Int?) {
        let records = closed.conversation.records
        guard !closed.isNoise else {
            self.calls.noise += 1
            return
        }
        self.calls.add(facts, records, hasTimes: closed.hasTimes)
        self.noteHop(facts, records, suspect)
        let invite = records[facts.firstInvite]
        if self.agentCalls[invite.agent] != nil || self.agentCalls.count < AgentTable.maxAgents {
            self.agentCalls[invite.agent, default: CallTally()].calls += 1
            if facts.isAnswered { self.agentCalls[invite.agent, default: CallTally()].answered += 1 }
        }
        if self.callLines.count < self.options.maxCallLines {
            self.callLines.append(CallLine(facts, records, closed.conversation.message(facts.firstInvite)))
        }
        if self.options.wantsPage { self.readWarnings(closed.conversation) }
    }

    private mutating func noteHop(_ facts: CallFacts, _ records: [ExchangeRecord], _ suspect: Int?) {
        guard let copy = facts.inviteCopy else { return }
        let address = records[copy].destination
        guard self.hops[address] != nil || self.hops.count < NextHop.maxHops else { return }
        let answers = self.hops[address, default: NextHop(address: address)].add(facts, records, copy: copy)
        // What was silent before was not dead for good.
        if answers { self.engine.settle(address) }
        if let suspect {
            self.suspects[suspect].hops[address, default: NextHop(address: address)].add(facts, records, copy: copy)
        }
    }

    private mutating func noteSeries(
        _ closed: ClosedConversation, _ facts: CallFacts?, _ hits: [(rule: Int, evidence: Evidence)], _ edge: [Bool]
    ) {
        guard closed.hasTimes else { return }
        let records = closed.conversation.records
        let isTroubled = hits.contains { ($0.evidence.severity ?? self.engine.rule($0.rule).severity) >= .error }
        var place = 0
        while place < records.count {
            // Most messages of a conversation fall into few buckets.
            var next = place + 1
            let bucket = self.series.bucket(of: records[place].time)
            while next < records.count, bucket.contains(records[next].time) { next += 1 }
            let counted =
                switch self.options.counting {
                case .raw: next - place
                case .unique: records[place..<next].reduce(0) { $0 + ($1.passage == .first ? 1 : 0) }
                case .edge: edge[place..<next].reduce(0) { $0 + ($1 ? 1 : 0) }
                }
            let opens = place == 0 && !closed.isNoise
            let isRegistration = records[place].method == .register
            self.series.update(records[place].time) { slot in
                slot.messages += counted
                guard opens else { return }
                if isTroubled { slot.troubled += 1 }
                if let facts { slot.calls[Happenings.Ending(facts).rawValue] += 1 }
                if isRegistration { slot.registrations += 1 }
            }
            place = next
        }
        if facts != nil, !closed.isNoise, let first = records.first {
            let hour = first.time / 3_600_000_000_000
            if self.hourly[hour] != nil || self.hourly.count < Self.maxHours { self.hourly[hour, default: 0] += 1 }
        }
    }

    private mutating func noteTalker(_ closed: ClosedConversation, _ facts: CallFacts?) {
        let records = closed.conversation.records
        guard let first = records.first else { return }
        let isRefused =
            records.contains {
                switch $0.status {
                case 401, 403, 404, 407: true
                default: false
                }
            } && !records.contains { $0.isSuccess }
        self.talkers.note(first.isRequest ? first.source.ip : first.destination.ip) { talker in
            talker.conversations += 1
            talker.messages += records.count
            if facts != nil { talker.calls += 1 }
            if first.method == .register { talker.registrations += 1 }
            if isRefused { talker.refused += 1 }
            if closed.isNoise { talker.isNoise = true }
        }
    }

    private mutating func countMessages(_ records: [ExchangeRecord]) {
        for record in records {
            if !record.isRequest {
                self.chosen.addResponse(Int(record.status), record.passage, to: record.method)
            } else if record.method == .other {
                self.chosen.addOther("(others)", record.passage)
            } else {
                self.chosen.addRequest(record.method, record.passage)
            }
        }
    }

    // MARK: Registrations

    private mutating func noteRegistration(_ context: CallContext, _ register: Int) {
        self.users?.note(context)
        self.registrations.add(
            context.records, user: context.registration(register)?.addressOfRecord ?? 0, hasTimes: context.hasTimes)
        guard
            let place = context.records.firstIndex(where: {
                $0.isAnswer(to: .register) && $0.isSuccess && $0.isFirst
            }), let seconds = context.registration(place)?.written
        else { return }
        self.registrations.addGranted(Int(seconds))
    }

    // MARK: Number plan

    /// SER's and Kamailio's noisy feedback: `Warning: 392 host "Noisy feedback tells: … in_uri=sip:1@a out_uri=sip:2@b …"`.
    private mutating func readWarnings(_ conversation: Conversation) {
        for (place, record) in conversation.records.enumerated()
        where record.traits.contains(.hasWarning) && !record.isRequest {
            let message = conversation.message(place)
            guard (try? self.index.parse(message.span)) != nil, let warning = self.index.first(.warning) else {
                continue
            }
            let words = message.span.string(warning).split(separator: " ")
            guard let inURI = words.first(where: { $0.hasPrefix("in_uri=") })?.dropFirst(7),
                let outURI = words.first(where: { $0.hasPrefix("out_uri=") })?.dropFirst(8)
            else { continue }
            let entry = NumberPlanEntry(
                inURI: Printable.text(inURI.utf8.prefix(80)), outURI: Printable.text(outURI.utf8.prefix(80)))
            if self.numberPlan[entry] != nil || self.numberPlan.count < Self.maxNumberPlan {
                self.numberPlan[entry, default: 0] += 1
            }
            return
        }
    }

    // MARK: The end

    /// Writes what was found into the summary, and lets the rules about everything together look at it.
    mutating func finish(_ summary: inout Summary, log: LogLedger, streams: [RTPStream]) {
        self.ledgers.log = log
        self.ledgers.media.streams += streams
        summary.leftOut = self.settleSuspects(summary)
        summary.calls = self.calls
        summary.registrations = self.registrations
        let keepAlives = summary.pings.keepAlives
        summary.pings = self.pings
        summary.pings.keepAlives = keepAlives
        summary.hops = self.hops
        summary.callLines = self.callLines
        // A Call-ID is asked for by itself; a number may be one too.
        summary.ladder = self.ladder ?? self.search.flatMap { $0.count == 1 ? $0.ladder : nil }
        summary.search = self.search
        summary.ladders = self.ladders
        summary.unkept = self.unkept
        summary.series = self.series
        summary.hourly = self.hourly
        summary.agentCalls = self.agentCalls
        summary.talkers = self.talkers
        summary.numberPlan = self.numberPlan
        summary.groups = self.groups
        summary.users = self.users
        summary.hours = self.hours
        if self.options.filter != nil {
            let all = summary.messages
            summary.messages = self.chosen
            summary.messages.malformed = all.malformed
        }
        self.edges?.finish(&summary)
        summary.counting = self.options.counting
        summary.filter = self.options.filterText
        summary.findings = self.engine.finish(Population(summary: summary, ledgers: self.ledgers))
    }
}

extension Judge {
    /// What is kept from one run to the next (`--state`).
    struct Kept: Codable {
        var calls: CallFigures
        var registrations: RegistrationFigures
        var pings: PingFigures
        var hops: [SocketAddress: NextHop]
        var callLines: [CallLine]
        var ladders: [String: String]
        var series: TimeSeries<Happenings>
        var hourly: [Int64: Int]
        var agentCalls: [UInt32: CallTally]
        var talkers: TalkerTable
        var numberPlan: [NumberPlanEntry: Int]
        var groups: CallGroups?
        var chosen: MessageCounts
        var unkept: Int
        var findings: DiagnosisEngine.Kept
        var suspects: SuspectTable
        var users: RegisteredUsers?
        var edges: EdgeCounter?
        var names: NameList
        var ledgers: Ledgers
        var hours: HourBook?
    }

    var kept: Kept {
        Kept(
            calls: self.calls, registrations: self.registrations, pings: self.pings, hops: self.hops,
            callLines: self.callLines, ladders: self.ladders, series: self.series, hourly: self.hourly,
            agentCalls: self.agentCalls, talkers: self.talkers, numberPlan: self.numberPlan, groups: self.groups,
            chosen: self.chosen, unkept: self.unkept, findings: self.engine.kept, suspects: self.suspects,
            users: self.users, edges: self.edges, names: self.names, ledgers: self.ledgers, hours: self.hours)
    }

    /// Goes on where another judge was, which had the same seed and options.
    mutating func restore(_ kept: Kept) {
        self.calls = kept.calls
        self.registrations = kept.registrations
        self.pings = kept.pings
        self.hops = kept.hops
        self.callLines = kept.callLines
        self.ladders = kept.ladders
        self.series = kept.series
        self.hourly = kept.hourly
        self.agentCalls = kept.agentCalls
        self.talkers = kept.talkers
        self.numberPlan = kept.numberPlan
        self.groups = kept.groups
        self.chosen = kept.chosen
        self.unkept = kept.unkept
        self.engine.restore(kept.findings)
        self.suspects = kept.suspects
        self.users = kept.users
        self.edges = kept.edges
        self.names = kept.names
        self.ledgers = kept.ledgers
        self.hours = kept.hours
    }
}
