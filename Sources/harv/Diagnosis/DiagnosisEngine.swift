import SIPKit

/// Runs the rules over finished conversations and collects what they find.
///
/// One cause is one finding: where a rule explains another, the other's evidence in the same conversation is counted
/// under the first and not again.
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

    mutating func examine(_ context: CallContext) { self.record(self.hits(context), context) }

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
    func caseCount(_ place: Int) -> Int { self.findings[place]?.cases.count ?? 0 }

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
    mutating func record(_ hits: [(rule: Int, evidence: Evidence)], _ context: CallContext) {
        guard !hits.isEmpty else { return }
        let callID = context.callID
        for (place, evidence) in hits {
            let id = self.rules[place].id
            if let cause = self.cause(of: (place, evidence), among: hits) {
                self.findings[cause, default: Finding(self.rules[cause])].explained[id, default: 0] += 1
                continue
            }
            let time =
                evidence.messages.first.flatMap { number in
                    context.records.first { $0.number == number }?.time
                } ?? context.conversation.firstTime
            self.findings[place, default: Finding(self.rules[place])].add(evidence, callID: callID, time: time)
            if context.facts != nil { self.findings[place]?.note(context.factors) }
        }
    }

    /// Runs the rules about everything together, and gives all findings, the worst first.
    mutating func finish(_ population: Population) -> [Finding] {
        for (place, rule) in self.rules.enumerated() {
            guard case .population(let look) = rule.examination else { continue }
            for evidence in look(population) {
                self.findings[place, default: Finding(rule)].add(
                    evidence, callID: evidence.callID, time: evidence.time ?? population.summary.firstTime ?? 0)
            }
        }
        for rule in self.rules {
            guard case .remark(let look) = rule.examination else { continue }
            for (place, finding) in self.findings where finding.count > 0 {
                if let remark = look(finding, population) { self.findings[place]?.remarks.append(remark) }
            }
        }
        return self.conversationFindings
    }

    /// What was found so far, the worst first.
    var conversationFindings: [Finding] {
        let places = Dictionary(
            uniqueKeysWithValues: DiagnosisTable.all.enumerated().map { ($0.element.id, $0.offset) })
        return self.findings.values.filter { $0.count > 0 }.sorted { left, right in
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
    var kept: [Finding] { Array(self.findings.values) }

    /// Goes on from findings of an engine with the same rules; those of others are left out.
    mutating func restore(_ kept: [Finding]) {
        let places = Dictionary(uniqueKeysWithValues: self.rules.enumerated().map { ($0.element.id, $0.offset) })
        for finding in kept {
            if let place = places[finding.diagnosis.id] { self.findings[place] = finding }
        }
    }
}
