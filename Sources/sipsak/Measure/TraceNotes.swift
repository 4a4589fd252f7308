import SIPKit

/// What is odd about a chain of hops, seen from their answers (`note:` lines of `--hop-detail`).
struct TraceNotes: Sendable {
    private var last: (agent: HopAgent, code: Int)?
    private var isHidden = false

    /// Takes the next hop in.
    mutating func add(_ hop: Int, code: Int, agent: HopAgent?) -> [String] {
        var notes: [String] = []
        if code == 482 { notes.append("a loop: hop \(hop) has seen this request before (482)") }
        guard let agent else { return notes }
        if let from = agent.incomingURI, let to = agent.outgoingURI, from != to {
            notes.append("the request URI is rewritten at hop \(hop): \(from) -> \(to)")
        }
        if let (before, beforeCode) = self.last {
            if code == 483, beforeCode == 483, agent.agent == before.agent, let count = agent.viaCount,
                let old = before.viaCount
            {
                notes.append(
                    count > old
                        ? "\(agent.agent) is passed more than once: the request loops or spirals"
                        : "\(agent.agent) answered for one hop more: it does not count Max-Forwards down")
            }
            if let count = agent.viaCount, let old = before.viaCount, count < old {
                notes.append(
                    "fewer Vias than the hop before (\(count) after \(old)): an element in between begins the request anew (B2BUA)"
                )
            }
        }
        if let count = agent.viaCount, code == 483, count > hop + 1 {
            notes.append("\(count - hop - 1) more hop\(count == hop + 2 ? "" : "s") on the way than Max-Forwards tells")
        }
        self.last = (agent, code)
        return notes
    }
}
