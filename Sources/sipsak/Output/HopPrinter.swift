import SIPKit

/// The lines of one hop, in the original's form or with all details.
struct HopPrinter {
    let session: Session
    private var console: any Console { self.session.console }

    /// `N: HOST (X ms) STATUS-LINE`; the host with its port, which the original loses.
    func line(_ hop: Int, _ reply: Probe.Reply, time: Duration, agent: HopAgent?) {
        let text = Milliseconds.text(time)
        if self.session.options.verbosity > 2 {
            self.console.out("\(hop): (\(text) ms)\n")
            self.console.out(message: reply.message.bytes)
            return
        }
        let unknown = self.session.options.verbosity > 0 ? "'no Warning header found' " : "?? "
        // The first hop is the one that we talk to: it needs no Warning to be known.
        let first = self.session.options.hopDetail && hop == 0 ? "\(reply.source) " : unknown
        let name = agent.map { "\($0.agent) " } ?? first
        self.console.out("\(hop): \(name)(\(text) ms) \(self.console.line(reply.message.startLine))\n")
    }

    func detail(_ reply: Probe.Reply, time: Duration, before: Duration?, agent: HopAgent?, notes: [String]) {
        var facts: [String] = []
        if let server = reply.message.first(.server) ?? reply.message.first(.userAgent) {
            facts.append("server \"\(self.console.line(reply.message[server]))\"")
        }
        if let agent {
            if let pid = agent.pid { facts.append("pid \(pid)") }
            if let seen = agent.seenAs { facts.append("saw \(self.isUs(seen) ? "us" : "the hop before") as \(seen)") }
            if let count = agent.viaCount { facts.append("via_cnt \(count)") }
        } else if before == nil {
            facts.insert("peer \(reply.source)", at: 0)
        } else {
            let more = before.map { "+\(Milliseconds.text(Swift.max(.zero, time - $0))) ms" }
            facts.insert("hidden hop (no Warning)" + (more.map { ": \($0)" } ?? ""), at: 0)
        }
        if !facts.isEmpty { self.console.out("     \(facts.joined(separator: "  "))\n") }
        if let from = agent?.incomingURI {
            let to = agent?.outgoingURI ?? from
            self.console.out("     uri  \(from)\(to == from ? "" : " -> \(to)")\n")
        }
        for note in notes { self.console.out("     note: \(note)\n") }
    }

    private func isUs(_ seen: String) -> Bool { seen.hasSuffix(":\(self.session.factory.port)") }
}
