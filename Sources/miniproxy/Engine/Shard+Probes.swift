import SIPKit
import SIPNet

/// Requests of our own, whose answers tell whether a destination is there: branches of no transaction.
extension Shard {
    /// What is due of dispatcher's pings, and what came of those before.
    mutating func probeDestinations(_ now: MonotonicTime) {
        let sets = self.state.persistence.dispatcher
        guard sets.settings.interval > 0, now >= self.nextProbes else { return }
        self.nextProbes = now.adding(milliseconds: Int64(sets.settings.interval) * 1_000)
        self.now = now
        // One at a time: who has not answered yet is not asked again.
        for uri in sets.probed where !self.probes.values.contains(uri) { self.probe(uri, sets.settings) }
    }

    private mutating func probe(_ uri: [UInt8], _ settings: DispatcherSettings) {
        self.context.reset()
        let target: Peer
        switch self.destination(uri: uri, next: nil) {
        case .one(let peer): target = peer
        case .several(let peers): target = peers[0]
        case .unknown(let request):
            // Nobody waits for this name: the next round finds it known.
            self.lookups.append(PendingLookup(number: .max, request: request))
            return
        case .failed:
            self.probed(uri, nil)
            return
        }
        guard let number = self.branches.insert() else { return }
        let generation = self.branches.generation(number)
        self.scratch.clear()
        self.scratch.append(contentsOf: Array("\(settings.method) ".utf8))
        self.scratch.append(contentsOf: uri)
        self.scratch.append(" SIP/2.0\r\n")
        self.appendViaStart(target)
        self.codec.write(
            BranchCodec.Identity(shard: self.number, number: number, generation: generation, loopHash: 0, upstream: 0),
            to: &self.scratch)
        let mark = "\(self.state.pingTag)\(String(self.now.nanoseconds, radix: 36))-\(number)"
        var text = "\r\nMax-Forwards: 70\r\nFrom: <\(settings.from)>;tag=ds\(mark)\r\nTo: <"
        self.scratch.append(contentsOf: Array(text.utf8))
        self.scratch.append(contentsOf: uri)
        text = ">\r\nCall-ID: ds\(mark)\r\nCSeq: 1 \(settings.method)\r\nContent-Length: 0\r\n\r\n"
        self.scratch.append(contentsOf: Array(text.utf8))
        let buffer = self.buffer()
        guard !buffer.isEmpty else {
            self.branches.remove(number)
            return
        }
        let branch = self.branches[number]
        branch.pointee.destination = target
        branch.pointee.request = buffer
        branch.pointee.isInvite = false
        self.probes[number] = uri
        self.begin(number)
    }

    /// A branch that may be a ping has its end.
    ///
    /// - Parameter status: of the answer; `nil` where there was none.
    mutating func probeEnded(_ number: UInt32, status: Int?) {
        guard !self.probes.isEmpty, let uri = self.probes.removeValue(forKey: number) else { return }
        self.probed(uri, status)
    }

    private mutating func probed(_ uri: [UInt8], _ status: Int?) {
        guard let isUsed = self.state.persistence.dispatcher.answered(uri, status: status) else { return }
        self.policy.logger(
            1,
            "dispatcher: \(Printable.text(uri)) \(status.map { "answers \($0)" } ?? "does not answer") and gets \(isUsed ? "requests again" : "no requests")"
        )
    }
}
