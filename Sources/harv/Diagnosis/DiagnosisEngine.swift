import SIPKit

/// Runs the rules over finished conversations and collects what they find.
///
/// One cause is one finding: where a rule explains another, the other's evidence in the same conversation is counted
/// under the first and not again. What is found about a host that may turn out to be dead, or about a source that may turn
/// out to guess passwords, is kept apart until that is known.
struct DiagnosisEngine: Sendable {
    private let rules: [Diagnosis]
    /// A rule about single conversations, ready to run.
    private struct Look: Sendable {
        var needs: Marks
        var rule: Int
        var look: @Sendable (CallContext) -> Evidence?
    }
    private var callRules: [Look] = []
    private var registrationRules: [Look] = []
    private var conversationRules: [Look] = []
    private var findings: [Int: Finding] = [:]
    /// What one rule found about one host.
    private struct Share: Hashable, Sendable {
        var rule: Int
        var host: SocketAddress
    }
    private var shares: [Share: Finding] = [:]
    /// The hosts of all shares.
    private var hosts: Set<SocketAddress> = []
    private static let maxShares = 5_000
    /// How many hits were counted, and how many of each rule.
    private var recorded = 0
    private var counts: [Int]

    /// - Parameters:
    ///   - only: rules by id or name; empty for all.
    ///   - ignored: rules that do not run.
    ///   - isGated: whether rules are asked only about conversations that have what they need; without, the result is
    ///     the same and comes later.
    init(
        _ rules: [Diagnosis] = DiagnosisTable.all, only: Set<String> = [], ignored: Set<String> = [],
        isGated: Bool = true
    ) {
        let chosen = rules.filter { rule in
            (only.isEmpty || only.contains(rule.id) || only.contains(rule.name)) && !ignored.contains(rule.id)
                && !ignored.contains(rule.name)
        }
        self.rules = chosen
        self.counts = [Int](repeating: 0, count: chosen.count)
        for (place, rule) in chosen.enumerated() {
            switch rule.examination {
            case .call(let needs, let look):
                self.callRules.append(Look(needs: isGated ? needs : [], rule: place, look: look))
            case .registration(let needs, let look):
                self.registrationRules.append(Look(needs: isGated ? needs : [], rule: place, look: look))
            case .conversation(let needs, let look):
                self.conversationRules.append(Look(needs: isGated ? needs : [], rule: place, look: look))
            case .population, .remark: break
            }
        }
    }

    mutating func examine(_ context: CallContext) { self.record(self.hits(context), context, suspect: nil) }

    /// What the rules find in a conversation, without counting it.
    func hits(_ context: CallContext) -> [(rule: Int, evidence: Evidence)] {
        var hits: [(rule: Int, evidence: Evidence)] = []
        let marks = context.conversation.marks
        func run(_ looks: [Look]) {
            for rule in looks where marks.isSuperset(of: rule.needs) {
                if let evidence = rule.look(context) { hits.append((rule.rule, evidence)) }
            }
        }
        if context.facts != nil { run(self.callRules) }
        if context.hasRegister { run(self.registrationRules) }
        run(self.conversationRules)
        return hits
    }

    /// The rule of a hit.
    func rule(_ place: Int) -> Diagnosis { self.rules[place] }
    /// How many cases of a rule are known so far.
    func caseCount(_ place: Int) -> Int { min(self.counts[place], Finding.maxCases) }

    /// The rule that explains a hit, which is not counted by itself then.
    private func cause(of hit: (rule: Int, evidence: Evidence), among hits: [(rule: Int, evidence: Evidence)]) -> Int? {
        guard !hit.evidence.standsAlone else { return nil }
        let id = self.rules[hit.rule].id
        return hits.first { self.rules[$0.rule].explains.contains(id) && $0.rule != hit.rule }?.rule
    }

    /// The rules whose hits count, with their cases.
    func counted(_ hits: [(rule: Int, evidence: Evidence)]) -> [(id: String, count: Int)] {
        hits.compactMap { hit in
            self.cause(of: hit, among: hits) == nil ? (self.rules[hit.rule].id, hit.evidence.count) : nil
        }
    }

    /// Counts what ``hits(_:)`` found.
    ///
    /// - Parameter suspect: who began the conversation, when that may be left out in the end.
    mutating func record(
        _ hits: [(rule: Int, evidence: Evidence)], _ context: CallContext, suspect: IPAddress?
    ) {
        guard !hits.isEmpty else { return }
        let callID = context.callID
        for (place, evidence) in hits {
            let id = self.rules[place].id
            if let cause = self.cause(of: (place, evidence), among: hits) {
                let host = suspect.map { SocketAddress($0, 0) } ?? hits.first { $0.rule == cause }?.evidence.host
                self.update(cause, host) { $0.explained[id, default: 0] += 1 }
                continue
            }
            let time =
                evidence.messages.first.flatMap { number in
                    context.records.first { $0.number == number }?.time
                } ?? context.conversation.firstTime
            self.recorded += 1
            self.counts[place] += 1
            let order = self.recorded
            self.update(place, suspect.map { SocketAddress($0, 0) } ?? evidence.host) { finding in
                finding.add(evidence, callID: callID, time: time, order: order)
                if context.facts != nil { finding.note(context.factors) }
            }
        }
    }

    /// Changes the finding of a rule: its share for a host, when there is one and room.
    private mutating func update(_ place: Int, _ host: SocketAddress?, _ change: (inout Finding) -> Void) {
        if let host {
            let share = Share(rule: place, host: host)
            if self.shares[share] != nil || self.shares.count < Self.maxShares {
                self.hosts.insert(host)
                return change(&self.shares[share, default: Finding(self.rules[place])])
            }
        }
        change(&self.findings[place, default: Finding(self.rules[place])])
    }

    /// Notes that a host is what it seems: what was kept apart for it is found for good.
    mutating func settle(_ host: SocketAddress) {
        guard !self.hosts.isEmpty, self.hosts.remove(host) != nil else { return }
        for place in self.rules.indices {
            guard let finding = self.shares.removeValue(forKey: Share(rule: place, host: host)) else { continue }
            self.findings[place, default: Finding(self.rules[place])].add(finding)
        }
    }

    /// Runs the rules about everything together, and gives all findings, the worst first.
    mutating func finish(_ population: Population) -> [Finding] {
        for (place, rule) in self.rules.enumerated() {
            guard case .population(let look) = rule.examination else { continue }
            for evidence in look(population) { self.record(evidence, of: place, population.summary.firstTime ?? 0) }
        }
        let leftOut = Set(population.summary.leftOut.map { SocketAddress($0.address, 0) })
        self.shares = self.shares.filter { !leftOut.contains($0.key.host) }
        self.findings = self.allFindings
        self.shares = [:]
        self.hosts = []
        for rule in self.rules {
            guard case .remark(let look) = rule.examination else { continue }
            for (place, finding) in self.findings where finding.count > 0 {
                if let remark = look(finding, population) { self.findings[place]?.remarks.append(remark) }
            }
        }
        return self.conversationFindings
    }

    /// Counts what a rule about everything found; what others found about the host that it names goes under it.
    private mutating func record(_ evidence: Evidence, of place: Int, _ begin: Int64) {
        let rule = self.rules[place]
        var evidence = evidence
        var finding = self.findings[place] ?? Finding(rule)
        if let host = evidence.host {
            let taken = self.shares.filter { $0.key.host == host && rule.explains.contains(self.rules[$0.key.rule].id) }
            for (share, effect) in taken.sorted(by: { $0.key.rule < $1.key.rule }) {
                finding.explain(effect)
                self.shares[share] = nil
                guard evidence.callID.isEmpty, let example = effect.cases.first else { continue }
                evidence.callID = example.callID
                evidence.messages = example.messages
                evidence.time = evidence.time ?? effect.firstTime
                evidence.until = effect.lastTime
            }
        }
        self.recorded += 1
        finding.add(
            evidence, callID: evidence.callID, time: evidence.time ?? begin, order: self.recorded)
        self.findings[place] = finding
    }

    /// The findings with all that is kept apart.
    private var allFindings: [Int: Finding] {
        var all = self.findings
        // In the order of judging: what a bounded table cannot hold does not depend on hashes.
        let shares = self.shares.sorted {
            ($0.value.cases.first?.order ?? .max, $0.key.rule) < ($1.value.cases.first?.order ?? .max, $1.key.rule)
        }
        for (share, finding) in shares { all[share.rule, default: Finding(self.rules[share.rule])].add(finding) }
        return all
    }

    /// What was found so far, the worst first.
    var conversationFindings: [Finding] {
        let places = Dictionary(
            uniqueKeysWithValues: DiagnosisTable.all.enumerated().map { ($0.element.id, $0.offset) })
        return self.allFindings.values.filter { $0.count > 0 }.sorted { left, right in
            let order = { (finding: Finding) in
                (-finding.severity.rawValue, -finding.count, places[finding.diagnosis.id] ?? 0)
            }
            return order(left) < order(right)
        }
    }
}

/// What rules about everything together look at.
struct Population {
    let summary: Summary
    var ledgers = Ledgers()
    /// The longest a trace has to go on for something to be missing.
    var length: Int64 { (self.summary.lastTime ?? 0) - (self.summary.firstTime ?? 0) }
}

extension DiagnosisEngine {
    /// What was found so far, for another engine to go on with (``restore(_:)``).
    struct Kept: Codable {
        var findings: [Finding]
        /// What was found about single hosts, and the hosts.
        var shares: [HostFinding]
        var recorded: Int
        /// How many hits each rule had, by its id.
        var counts: [String: Int]

        struct HostFinding: Codable {
            var host: SocketAddress
            var finding: Finding
        }
    }

    var kept: Kept {
        Kept(
            findings: Array(self.findings.values),
            shares: self.shares.map { Kept.HostFinding(host: $0.key.host, finding: $0.value) }, recorded: self.recorded,
            counts: Dictionary(uniqueKeysWithValues: zip(self.rules.map(\.id), self.counts)))
    }

    /// Goes on from findings of an engine with the same rules; those of others are left out.
    mutating func restore(_ kept: Kept) {
        let places = Dictionary(uniqueKeysWithValues: self.rules.enumerated().map { ($0.element.id, $0.offset) })
        for finding in kept.findings {
            if let place = places[finding.diagnosis.id] { self.findings[place] = finding }
        }
        for share in kept.shares {
            guard let place = places[share.finding.diagnosis.id] else { continue }
            self.shares[Share(rule: place, host: share.host)] = share.finding
            self.hosts.insert(share.host)
        }
        self.recorded = kept.recorded
        for (id, count) in kept.counts { if let place = places[id] { self.counts[place] = count } }
    }
}
