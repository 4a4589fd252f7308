import SIPKit
import SIPNet

/// A host name to be resolved, for the message that waits under this number.
struct PendingLookup {
    var number: UInt32
    var request: ResolverRequest
}

/// A request whose next hop is a host name waits until its addresses are known; the shard goes on meanwhile.
///
/// A relayed request has its transaction already, so that repeats are absorbed and a CANCEL finds it. When the answer
/// comes, relaying begins anew with all that is known by then.
extension Shard {
    /// How long a request waits for addresses, at most: a client of a request that is no INVITE gives up after 32 s.
    static var namePatience: TimerInterval { .seconds(16) }

    /// Where the only branch of the request in work leads to; `nil` where it has several.
    mutating func onlyDestination() -> Destination? {
        if self.context.isRequestURIUsed {
            guard self.context.appended.count == 1 else { return nil }
            let next = self.context.appended.destinationURI(0)
            self.context.contactSocket = self.context.appended[0].socket
            return self.destination(uri: self.context.appended.uri(0), next: next.isEmpty ? nil : next)
        }
        guard self.context.appended.count == 0 else { return nil }
        return self.destination(
            uri: nil, next: self.context.destinationURI.isEmpty ? nil : self.context.destinationURI)
    }

    /// The names that have to be resolved before the branches of the request in work can be sent.
    mutating func unresolvedBranches() -> [ResolverRequest] {
        var unknown: [ResolverRequest] = []
        if !self.context.isRequestURIUsed,
            case .unknown(let request) = self.destination(
                uri: nil, next: self.context.destinationURI.isEmpty ? nil : self.context.destinationURI)
        {
            unknown.append(request)
        }
        for place in 0..<self.context.appended.count {
            let next = self.context.appended.destinationURI(place)
            if case .unknown(let request) = self.destination(
                uri: self.context.appended.uri(place), next: next.isEmpty ? nil : next), !unknown.contains(request)
            {
                unknown.append(request)
            }
        }
        return unknown
    }

    /// - Returns: `false` when it cannot wait: too many do.
    mutating func parkRelay(_ server: UInt32, _ names: [ResolverRequest]) -> Bool {
        guard self.park(for: names, then: .relay(self.place(server: server))) else { return false }
        self.servers[server].pointee.isWaiting = true
        return true
    }

    mutating func parkForward(_ name: ResolverRequest) { _ = self.park(for: [name], then: .forward) }

    private mutating func park(for names: [ResolverRequest], then step: ParkedRun.Step) -> Bool {
        // A second time around it is the resolver's last word.
        guard !self.context.isResumed, let number = self.setAside(then: step, patience: Self.namePatience) else {
            return false
        }
        self.parked[number]?.missing = names.count
        for name in names { self.lookups.append(PendingLookup(number: number, request: name)) }
        return true
    }

    /// The answer to one of ``lookups``.
    mutating func resolved(_ lookup: PendingLookup, _ resolution: Resolution, now: MonotonicTime, wallTime: Int64) {
        self.now = now
        guard let place = self.parked.index(forKey: lookup.number) else { return }
        self.parked.values[place].context.resolved.append((lookup.request, resolution))
        self.parked.values[place].missing -= 1
        guard self.parked.values[place].missing <= 0 else { return }
        self.resume(lookup.number, with: .failed, wallTime: wallTime)
    }

    /// Goes on relaying; names that are not known by now lead nowhere.
    mutating func relayAgain(_ place: Place) {
        guard self.servers.isLive(place.number, generation: place.generation) else { return }
        let record = self.servers[place.number]
        record.pointee.isWaiting = false
        guard !record.pointee.machine.isOver else { return }
        if record.pointee.isCanceled {
            self.finalReply(place.number, 487, "Request Terminated")
        } else {
            let isSecondTry = self.context.block == .failure
            self.context.isResumed = true
            self.relay()
            self.performEffects()
            if isSecondTry, self.servers.isLive(place.number, generation: place.generation) {
                self.answerUnlessTakenOver(place.number)
            }
        }
    }
}
