import SIPKit

/// A server's accounting beside the trace: which calls one has and the other has not (DIAGNOSIS O10).
///
/// Log and trace are compared between the first and the last call that both have. So it does not matter which of them began
/// earlier or ended later, nor whether their clocks and zones agree.
struct AccountingComparison {
    struct Difference {
        var count = 0
        var examples: [String] = []
        var time: Int64? = nil

        mutating func add(_ callID: String, _ time: Int64?) {
            self.count += 1
            if self.examples.count < 3 { self.examples.append(callID) }
            if let time { self.time = min(self.time ?? time, time) }
        }
    }

    /// Calls that both have.
    private(set) var matched = 0
    /// Lines about different calls, and calls of the trace, between the first and the last that both have.
    private(set) var recorded = 0
    private(set) var seen = 0
    /// In the trace and not in the log.
    private(set) var unrecorded = Difference()
    /// In the log and not in the trace.
    private(set) var unseen = Difference()
    /// Recorded as answered; the trace has another end.
    private(set) var otherwise = Difference()

    /// - Parameters:
    ///   - lines: Call-IDs of the log's lines of one kind, in their order.
    ///   - calls: what the trace has.
    ///   - isWanted: whether a call of the trace should be among the lines.
    init(_ lines: [String], _ calls: [String: OutcomeLedger.Outcome], isWanted: (OutcomeLedger.Outcome) -> Bool) {
        let known = lines.indices.filter { calls[lines[$0]] != nil }
        let times = known.compactMap { calls[lines[$0]]?.time }
        guard let first = known.first, let last = known.last, let begin = times.min(), let end = times.max() else {
            return
        }
        var met: Set<String> = []
        for line in lines[first...last] where met.insert(line).inserted {
            self.recorded += 1
            guard let call = calls[line] else {
                self.unseen.add(line, nil)
                continue
            }
            self.matched += 1
            if call.status >= 300 { self.otherwise.add(line, call.time) }
        }
        let inTime = calls.filter { isWanted($0.value) && $0.value.time >= begin && $0.value.time <= end }
        for (callID, call) in inTime.sorted(by: { ($0.value.time, $0.key) < ($1.value.time, $1.key) }) {
            self.seen += 1
            if !met.contains(callID) { self.unrecorded.add(callID, call.time) }
        }
    }
}

extension Population {
    /// What the accounting in the log and the calls of the trace do not agree on.
    var accountingEvidence: [Evidence] {
        let log = self.ledgers.log
        let calls = self.ledgers.outcomes.calls
        // Where one side only was captured, nobody knows what was passed on.
        let isRelayed = { (call: OutcomeLedger.Outcome) in call.isRelayed || !self.summary.hasBothSides }
        let answered = AccountingComparison(log.answered, calls) { $0.status / 100 == 2 && isRelayed($0) }
        let missed = AccountingComparison(log.missed, calls) {
            $0.status >= 400 && $0.status != 401 && $0.status != 407 && isRelayed($0)
        }
        if answered.matched + missed.matched == 0 {
            let lines = log.answered.count + log.missed.count
            guard lines > 0, !calls.isEmpty else { return [] }
            return [
                Evidence(
                    "None of the \(lines) calls in the accounting is in the trace: the log is another server's, or of another time.",
                    severity: .notice)
            ]
        }
        return Self.evidence(answered: answered) + Self.evidence(missed: missed)
    }

    private static func evidence(answered: AccountingComparison) -> [Evidence] {
        // Where most calls have no line, somebody chose which ones have.
        let isChosen = answered.unrecorded.count * 2 > answered.seen
        return [
            Self.evidence(
                answered.otherwise, "recorded as answered, and ended otherwise in the trace", of: answered.recorded,
                .warning, .certain),
            Self.evidence(
                answered.unrecorded, "answered in the trace, and not in the accounting", of: answered.seen,
                isChosen ? .notice : .warning, .likely),
            Self.evidence(
                answered.unseen, "recorded as answered, and not in the trace: the capture misses them",
                of: answered.recorded, .notice, .certain),
        ].compactMap { $0 }
    }

    private static func evidence(missed: AccountingComparison) -> [Evidence] {
        let isChosen = missed.unrecorded.count * 2 > missed.seen
        return [
            isChosen
                ? nil
                : Self.evidence(
                    missed.unrecorded, "without success in the trace, and not recorded as missed", of: missed.seen,
                    .notice, .likely),
            Self.evidence(
                missed.unseen, "recorded as missed, and not in the trace: the capture misses them",
                of: missed.recorded, .notice, .certain),
        ].compactMap { $0 }
    }

    private static func evidence(
        _ difference: AccountingComparison.Difference, _ what: String, of all: Int, _ severity: Diagnosis.Severity,
        _ confidence: Diagnosis.Confidence
    ) -> Evidence? {
        guard let example = difference.examples.first else { return nil }
        let more = difference.count > difference.examples.count ? ", …" : ""
        var evidence = Evidence(
            "\(difference.count) of \(all) calls: \(what) (\(difference.examples.joined(separator: ", "))\(more)).",
            severity: severity, confidence: confidence, count: difference.count)
        evidence.callID = example
        evidence.time = difference.time
        return evidence
    }
}
