import SIPTrace

/// What is said at the end: how much was read, found and shown, and what was not shown and why.
struct Summary {
    var counts: TraceCounts
    var matched: Int
    var limitsReached: Int
    var drops: LiveCapture.Drops?
    /// RTP streams, when they were asked for.
    var media: MediaTracker?
    /// Sentences about TLS connections that stayed closed.
    var closedConnections: [String] = []

    /// `6 received, 1 matched, 0 dropped by kernel, 0 by interface, 0 by sipgrep`.
    var liveLine: String {
        let drops = self.drops ?? LiveCapture.Drops()
        return "\(self.counts.passed) received, \(self.matched) matched, \(drops.byKernel) dropped by kernel, "
            + "\(drops.byInterface) by interface, 0 by sipgrep"
    }

    func fileLine(_ names: [String]) -> String {
        "input: \(names.joined(separator: ", ")): \(self.counts.packets) packets, "
            + "\(self.counts.messages) SIP messages, \(self.matched) matched"
    }

    /// `not shown: 576 SIP messages that did not match, 412 packets (310 ARP, 88 not IP, …)`; `nil` when everything was.
    var notShownLine: String? {
        var parts: [String] = []
        let unmatched = self.counts.messages - self.matched
        if unmatched > 0 { parts.append("\(unmatched) SIP messages that did not match") }
        if self.limitsReached > 0 {
            parts.append("\(self.limitsReached) of them because the expression reached its limit")
        }
        let reasons = self.counts.reasons
        if !reasons.isEmpty {
            let list = reasons.map { "\($0.count) \($0.reason.sentence)" }.joined(separator: ", ")
            parts.append("\(reasons.reduce(0) { $0 + $1.count }) packets (\(list))")
        }
        parts += self.closedConnections
        return parts.isEmpty ? nil : "not shown: " + parts.joined(separator: ", ")
    }
}
