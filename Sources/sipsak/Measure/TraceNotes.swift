import SIPKit

/// What is odd about a chain of hops, seen from their answers (`note:` lines of `--hop-detail`).
struct TraceNotes: Sendable {
    private var last: (agent: HopAgent, code: Int)?
    private var isHidden = false

    /// Takes the next hop in.
    ///
    /// - Parameter silent: how many hops directly before this one did not answer.
    mutating func add(_ hop: Int, code: Int, agent: HopAgent?, silentBefore silent: Int = 0) -> [String] {
        var notes: [String] = []
        if silent > 0 {
            notes.append(
                "hop \(hop - silent)\(silent > 1 ? " to \(hop - 1)" : "") did not answer but this one did: "
                    + "an element swallows what it should answer with 483")
        }
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
        // A final answer that has passed fewer elements than counted so far was not made at the end of the path.
        if code / 100 == 2, let count = agent.viaCount, count < hop {
            notes.append(
                "\(code) with \(count) Via\(count == 1 ? "" : "s") at hop \(hop): Max-Forwards begins anew on the way (B2BUA)"
            )
        }
        self.last = (agent, code)
        return notes
    }
}
