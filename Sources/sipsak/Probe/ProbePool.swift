import SIPKit

/// Many requests on their way at once, each a ``Probe`` with its own challenges, redirects and resends.
///
/// An answer finds its probe by the branch of our Via; the probe then looks at the rest. Times to wake up stand in a heap;
/// an entry that is out of date is dropped when it comes up.
final class ProbePool {
    private struct Item {
        var probe: Probe
        var place: SocketAddress
        let tag: Int
        var branch: [UInt8]
    }

    private let session: Session
    private var items: [Int: Item] = [:]
    private var byBranch: [[UInt8]: Int] = [:]
    private var heap: [(at: MonotonicTime, id: Int)] = []
    private var nextID = 0
    /// Told about each ending, with the number given to ``start(_:tag:to:policy:digest:)``.
    var finished: (Int, Session.Finished) -> Void = { _, _ in }
    /// Requests of others.
    var request: (SIPMessage, SocketAddress) -> Void = { _, _ in }
    private(set) var strays = 0
    private(set) var isInterrupted = false

    init(session: Session) { self.session = session }

    var count: Int { self.items.count }

    func start(
        _ draft: Draft, tag: Int, to place: SocketAddress? = nil, policy: Probe.Policy? = nil, digest: DigestClient?
    ) {
        let id = self.nextID
        self.nextID += 1
        var probe = Probe(draft, policy: policy ?? self.session.policy, digest: digest)
        var actions: [Probe.Action] = []
        probe.presentCredentials(&self.session.factory)
        probe.begin(at: self.session.wire.now(), &actions)
        self.items[id] = Item(probe: probe, place: place ?? self.session.destination, tag: tag, branch: [])
        self.perform(&actions, id)
    }

    /// Waits for the next thing to happen, until `deadline` at the latest, and does what follows from it.
    func step(until deadline: MonotonicTime) {
        let wire = self.session.wire
        while let first = self.heap.first, self.items[first.id]?.probe.deadline != first.at { self.removeFirst() }
        let next = Swift.min(deadline, self.heap.first?.at ?? deadline)
        switch wire.next(until: next) {
        case .timeout: self.wake(at: wire.now())
        case .interrupted: self.isInterrupted = true
        case .failed(let peer, let code):
            for (id, item) in self.items where item.place == peer || peer.port == 0 {
                var actions: [Probe.Action] = []
                self.items[id]?.probe.unreachable(code: code, &actions)
                self.perform(&actions, id)
            }
        case .datagram(let bytes, let source, let at):
            guard let message = try? SIPMessage(parsing: bytes) else {
                self.strays += 1
                return
            }
            guard !message.isRequest else { return self.request(message, source) }
            guard let via = try? message.topVia(), let id = self.byBranch[Array(message[via.branch])] else {
                self.strays += 1
                return
            }
            var actions: [Probe.Action] = []
            self.items[id]?.probe.received(message, from: source, at: at, &self.session.factory, &actions)
            self.perform(&actions, id)
        }
    }

    private func wake(at now: MonotonicTime) {
        while let first = self.heap.first, first.at <= now {
            self.removeFirst()
            guard self.items[first.id]?.probe.deadline == first.at else { continue }
            var actions: [Probe.Action] = []
            self.items[first.id]?.probe.tick(at: now, &actions)
            self.perform(&actions, first.id)
        }
    }

    private func perform(_ actions: inout [Probe.Action], _ id: Int) {
        guard var item = self.items[id] else { return }
        var at = 0
        var lastReply: Probe.Reply?
        while at < actions.count {
            let action = actions[at]
            at += 1
            switch action {
            case .send(let bytes):
                let branch = item.probe.draft.topBranch
                if branch != item.branch {
                    self.byBranch[item.branch] = nil
                    self.byBranch[branch] = id
                    item.branch = branch
                }
                item.probe.sent(bytes, at: self.session.wire.send(bytes, to: item.place))
            case .follow(let bytes, let next):
                self.session.wire.send(bytes, to: self.session.address(of: next) ?? item.place)
            case .redirect(let uri):
                if self.session.options.outboundProxy == nil {
                    guard let found = self.session.address(of: uri) else {
                        if let lastReply {
                            item.probe.redirectFailed("'\(uri.host)' is unresolvable", lastReply, &actions)
                        }
                        continue
                    }
                    item.place = found
                }
                item.probe.redirected(at: self.session.wire.now(), &actions)
            case .report(.redirected(let reply)): lastReply = reply
            case .report(.stray): self.strays += 1
            case .report: break
            case .end(let ending):
                self.byBranch[item.branch] = nil
                self.items[id] = nil
                self.finished(
                    item.tag, Session.Finished(ending: ending, probe: item.probe, place: item.place))
                return
            }
        }
        self.items[id] = item
        if item.probe.deadline != .distantFuture { self.push(item.probe.deadline, id) }
    }

    // MARK: The heap

    private func push(_ time: MonotonicTime, _ id: Int) {
        self.heap.append((time, id))
        var child = self.heap.count - 1
        while child > 0, self.heap[child].at < self.heap[(child - 1) / 2].at {
            self.heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private func removeFirst() {
        guard let last = self.heap.popLast(), !self.heap.isEmpty else { return }
        self.heap[0] = last
        var parent = 0
        while true {
            let left = parent * 2 + 1
            guard left < self.heap.count else { return }
            let right = left + 1
            let child = right < self.heap.count && self.heap[right].at < self.heap[left].at ? right : left
            guard self.heap[child].at < self.heap[parent].at else { return }
            self.heap.swapAt(child, parent)
            parent = child
        }
    }
}
