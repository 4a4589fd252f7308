import SIPKit
import SIPNet

/// A response comes in: it finds its branch by our own Via, goes through the machine, the reply block and the fork
/// (RFC 3261 §16.7).
extension Shard {
    mutating func handleResponse() {
        do throws(ParseError) {
            try self.context.readResponse()
        } catch {
            self.statistics.malformed += 1
            return
        }
        let status = self.context.index.statusCode
        guard status >= 100, status < 700 else {
            self.statistics.malformed += 1
            return
        }
        // A branch that we did not write leads nowhere: nothing is sent to addresses that a stranger names.
        guard let identity = self.codec.read(self.context.memory.span, self.context.via.branch),
            identity.shard == self.number || identity.shard == BranchCodec.stateless
        else {
            self.statistics.strayResponses += 1
            return
        }
        if identity.shard == BranchCodec.stateless {
            self.passUpstream(identity)
            return
        }
        guard self.branches.isLive(identity.number, generation: identity.generation) else {
            self.handleStray(status, identity)
            return
        }
        let branch = self.branches[identity.number]
        if self.context.cSeq.method == .cancel {
            self.cancelAnswered(identity.number, status: status)
            return
        }
        if !self.held.isEmpty, self.held.contains(identity.number) {
            self.statistics.repeats += 1
            return
        }
        self.actions.clear()
        switch branch.pointee.machine {
        case .invite(var machine):
            guard self.context.cSeq.method == .invite else { return }
            machine.received(status: status, self.timers, &self.actions)
            branch.pointee.machine = .invite(machine)
        case .other(var machine):
            guard self.context.cSeq.method != .invite else { return }
            machine.received(status: status, self.timers, &self.actions)
            branch.pointee.machine = .other(machine)
        }
        var isDelivered = false
        var needsAck = false
        for step in 0..<self.actions.count {
            switch self.actions[step] {
            case .deliver: isDelivered = true
            case .sendAck: needsAck = true
            default: break
            }
        }
        // The ACK is made from this very response; delivery may make another message the one in work. The machine's
        // other actions come after it: they may give the branch's memory away.
        let wanted = self.actions
        if needsAck { self.sendAck(identity.number) }
        if isDelivered, !self.deliver(identity.number, status, wanted) { return }
        guard self.branches.isLive(identity.number, generation: identity.generation) else { return }
        self.actions = wanted
        self.performBranch(identity.number)
    }

    /// A response of a branch of ours that is over. Repeats of a 2xx to INVITE go on to the caller, who repeats its ACK
    /// (RFC 6026 §7.2); everything else was a repeat and is absorbed.
    ///
    /// Whoever got the request once could name any other address in the Via below ours: it has to be the one that the
    /// request came from.
    private mutating func handleStray(_ status: Int, _ identity: BranchCodec.Identity) {
        guard status >= 200, status < 300, self.context.cSeq.method == .invite else {
            self.statistics.repeats += 1
            return
        }
        self.passUpstream(identity)
    }

    /// Sends a response on by the Via below ours, where that names who sent the request.
    private mutating func passUpstream(_ identity: BranchCodec.Identity) {
        guard let peer = self.upstreamPeer(), self.upstreamHash(peer.address) == identity.upstream,
            var buffer = self.writeUpstream()
        else {
            self.statistics.strayResponses += 1
            return
        }
        self.send(buffer, to: peer)
        self.pool.give(&buffer)
    }

    /// Where the response goes by the Via below ours: `received` and `rport` where they stand (RFC 3261 §18.2.2).
    private mutating func upstreamPeer() -> Peer? {
        let bytes = self.context.memory.span
        guard let first = self.context.index.firstSlot(.via) else { return nil }
        var cursor = ByteCursor(bytes, self.context.index.slots[first].value)
        guard (try? ViaRanges(parsing: &cursor)) != nil else { return nil }
        if cursor.isAtEnd {
            guard let next = self.context.index.nextSlot(after: first) else { return nil }
            cursor = ByteCursor(bytes, self.context.index.slots[next].value)
        }
        guard let via = try? ViaRanges(parsing: &cursor), let transport = via.transport,
            let ip = IPAddress(parsing: bytes, via.received.isEmpty ? via.host : via.received)
        else { return nil }
        let port = ASCII.number(bytes, via.rport, limit: 65_535).map { UInt16($0) } ?? via.port ?? 5060
        let address = SocketAddress(ip, port)
        guard let socket = self.socket(for: ip, transport) else { return nil }
        return Peer(address, transport, socket: socket)
    }

    // MARK: Upstream

    /// The machine lets a response through: to the reply block, then upstream or into the choice of the best.
    ///
    /// - Parameter wanted: what else the machine wants, after that.
    /// - Returns: `false` when the reply block keeps a final answer waiting, and with it what the machine wants.
    private mutating func deliver(_ number: UInt32, _ status: Int, _ wanted: TransactionActions) -> Bool {
        let branch = self.branches[number]
        let server = branch.pointee.server
        let isServed = !server.isNone && self.servers.isLive(server.number, generation: server.generation)
        if isServed, !self.otherIdentities.isEmpty, self.otherIdentities.contains(server.number) {
            self.restoreIdentities(server.number)
        }
        if !self.hosts.isEmpty, status != 503 { self.hosts.hasAnswered(branch.pointee.destination.address) }
        if status < 200 {
            // The block sees 100 as well, and may set the timer that begins now.
            let waits = isServed && self.runReplyBlock(server, number, status, nil)
            self.provisionalCame(number)
            if isServed, !waits { self.passProvisional(server.number, status) }
            return true
        }
        self.wheel.cancel(branch.pointee.ringTimer)
        guard isServed else {
            self.probeEnded(number, status: status)
            return true
        }
        if self.runReplyBlock(server, number, status, wanted) {
            self.held.insert(number)
            return false
        }
        self.passFinal(number, server, status)
        return true
    }

    private mutating func passProvisional(_ server: UInt32, _ status: Int) {
        // 100 is of this hop only.
        guard status > 100, !self.context.isDropped else { return }
        if let buffer = self.writeUpstream() { self.relayUpstream(server, status, buffer) }
    }

    /// A final answer is through the reply block.
    private mutating func passFinal(_ number: UInt32, _ server: Place, _ status: Int) {
        let branch = self.branches[number]
        if status < 300 {
            let record = self.servers[server.number]
            // One that was given up before its 2xx came counts as ended already.
            if branch.pointee.status == 0, record.pointee.pending > 0 { record.pointee.pending &-= 1 }
            branch.pointee.status = UInt16(truncatingIfNeeded: status)
            if let buffer = self.writeUpstream() { self.relayUpstream(server.number, status, buffer) }
            if record.pointee.pending > 0, branch.pointee.isInvite { self.cancelBranches(of: server.number) }
            return
        }
        if status == 503, self.failOver(number) {
            self.branches[number].pointee.status = 503
            return
        }
        branch.pointee.response = self.writeUpstream() ?? .empty
        self.branchAnswered(number, status: status)
    }

    /// A provisional answer: a CANCEL that waited for it goes out, and timer C begins anew (§16.7 step 2).
    private mutating func provisionalCame(_ number: UInt32) {
        let branch = self.branches[number]
        guard branch.pointee.isInvite else { return }
        if branch.pointee.wantsCancel {
            branch.pointee.wantsCancel = false
            self.cancel(number)
        } else if branch.pointee.cancelMachine == nil {
            let patience = self.inviteTimeout(of: branch.pointee.server)
            let deadline = self.now.adding(nanoseconds: patience.nanoseconds)
            if !self.wheel.move(branch.pointee.ringTimer, to: deadline) {
                branch.pointee.ringTimer = self.arm(
                    .ring, .a, self.place(branch: number), after: patience)
            }
        }
    }

    /// Runs the onreply block, where one is armed.
    ///
    /// - Returns: whether it waits; ``resumeReply(_:_:with:)`` does the rest then.
    private mutating func runReplyBlock(
        _ server: Place, _ branch: UInt32, _ status: Int, _ wanted: TransactionActions?
    ) -> Bool {
        let record = self.servers[server.number]
        guard record.pointee.onReply >= 0, (try? self.context.readResponseAddresses()) != nil else { return false }
        self.context.block = .onReply
        self.context.transaction = server.number
        self.context.status = self.context.index.statusCode
        self.context.flags = record.pointee.flags
        self.context.isCanceled = record.pointee.isCanceled
        if let attributes = self.attributes[server.number] { self.context.attributes = attributes }
        let waiting = WaitingReply(
            block: BlockID(index: record.pointee.onReply), server: server, branch: self.place(branch: branch),
            status: status, wanted: wanted)
        guard !self.runBlock(waiting.block, keeping: .reply(waiting)) else { return true }
        self.replyBlockEnded(server.number)
        return false
    }

    private mutating func replyBlockEnded(_ server: UInt32) {
        self.rememberReplyState(server)
        for place in 0..<self.context.effects.count {
            if case .log(let level, let text) = self.context.effects[place] {
                self.policy.log(level, self.context.texts[text.indices])
            }
        }
    }

    /// Goes on with an answer whose reply block has waited. A transaction that is over by now does without it.
    mutating func resumeReply(_ run: Run, _ reply: WaitingReply, with answer: Answer) {
        let isServed = self.servers.isLive(reply.server.number, generation: reply.server.generation)
        if isServed, self.resumeBlock(reply.block, run, with: answer, keeping: .reply(reply)) { return }
        if isServed { self.replyBlockEnded(reply.server.number) }
        guard let wanted = reply.wanted else {
            if isServed { self.passProvisional(reply.server.number, reply.status) }
            return
        }
        let number = reply.branch.number
        self.held.remove(number)
        guard self.branches.isLive(number, generation: reply.branch.generation) else { return }
        if isServed { self.passFinal(number, reply.server, reply.status) }
        guard self.branches.isLive(number, generation: reply.branch.generation) else { return }
        self.actions = wanted
        self.performBranch(number)
    }

    /// The response in work without our Via, with the script's edits, in memory of its own.
    private mutating func writeUpstream() -> Buffer? {
        guard let first = self.context.index.firstSlot(.via) else { return nil }
        let via = self.context.via
        if !via.isFollowed, self.context.edits.isEmpty {
            return self.copy(without: self.context.index.lineRange(first))
        }
        if via.isFollowed {
            let bytes = self.context.memory.span
            var next = via.whole.end
            while next < self.context.index.slots[first].value.end, bytes[next] != ASCII.comma { next += 1 }
            next += 1
            while next < self.context.index.slots[first].value.end, ASCII.isLWS(bytes[next]) { next += 1 }
            self.context.edits.remove(ByteRange(via.whole.start, next))
        } else {
            self.context.edits.remove(self.context.index.lineRange(first))
        }
        let source = UnsafeRawBufferPointer(self.context.memory)
        let length = self.context.edits.length(of: source.count)
        guard var buffer = self.pool.take(length), let memory = buffer.memory else { return nil }
        buffer.count = UInt32(truncatingIfNeeded: self.context.edits.write(source, to: memory))
        return buffer
    }

    /// The message in work without one line, and with no edits: what nearly every response is.
    private mutating func copy(without line: ByteRange) -> Buffer? {
        let source = UnsafeRawBufferPointer(self.context.memory)
        guard line.start <= line.end, line.end <= source.count, let start = source.baseAddress,
            let buffer = self.pool.take(source.count - line.count), let memory = buffer.memory
        else { return nil }
        memory.copyMemory(from: start, byteCount: line.start)
        (memory + line.start).copyMemory(from: start + line.end, byteCount: source.count - line.end)
        return buffer
    }

    private mutating func relayUpstream(_ server: UInt32, _ status: Int, _ buffer: Buffer) {
        let place = status / 100
        if place > 0, place < 7 { self.statistics.relayedReplies[place] += 1 }
        self.respond(server, status: status, buffer)
    }

    // MARK: The best answer

    /// A branch has its final answer of 300 or more, or was given up.
    mutating func branchAnswered(_ number: UInt32, status: Int) {
        let branch = self.branches[number]
        guard branch.pointee.status == 0 else { return }
        branch.pointee.status = UInt16(truncatingIfNeeded: status)
        let server = branch.pointee.server
        guard !server.isNone, self.servers.isLive(server.number, generation: server.generation) else { return }
        let record = self.servers[server.number]
        if record.pointee.pending > 0 { record.pointee.pending &-= 1 }
        // Nobody else needs to ring when one says that the user refuses everywhere (§16.7 step 5).
        if status >= 600, record.pointee.pending > 0 { self.cancelBranches(of: server.number) }
        if record.pointee.pending == 0 { self.settle(server.number) }
    }

    /// All branches have ended without a 2xx: a user's script and the failure block get their chance, then the best
    /// answer goes up.
    private mutating func settle(_ server: UInt32) {
        guard !self.servers[server].pointee.machine.isOver else { return }
        if !self.processes.isEmpty, !self.servers[server].pointee.isCanceled, self.processEnded(server) { return }
        self.settleWithoutProcess(server)
    }

    /// The same when no user's script is there, or when it has no more to say.
    mutating func settleWithoutProcess(_ server: UInt32) {
        let record = self.servers[server]
        guard !record.pointee.machine.isOver else { return }
        // Who never answered may be gone by now, where a user's script has waited.
        let best = self.bestBranch(of: server)
        let status = best.map { Int(self.branches[$0].pointee.status) } ?? 408
        if record.pointee.onFailure >= 0, !record.pointee.isCanceled {
            self.accountMissed(server, status: status, best.map { self.branches[$0].pointee.response } ?? .empty)
            if self.runFailureBlock(server, status: status, best: best) { return }
        }
        guard !self.servers[server].pointee.machine.isOver else { return }
        let buffer = best.map { self.branches[$0].pointee.response } ?? .empty
        if let best { self.branches[best].pointee.response = .empty }
        self.answerWithBest(server, status, buffer)
    }

    /// Sends the best answer up, or one of our own where no branch has said anything.
    private mutating func answerWithBest(_ server: UInt32, _ status: Int, _ buffer: Buffer) {
        let record = self.servers[server]
        // A request that is no INVITE and got no answer is answered with silence: its sender has given up at the same
        // moment, and a 408 would only be taken for somebody else's fault (RFC 4320 §4.2).
        if status == 408, record.pointee.method != .invite, buffer.isEmpty {
            self.removeServer(server)
            return
        }
        if buffer.isEmpty {
            self.answerFromStored(server, status: status, record.pointee.isCanceled)
        } else {
            self.relayUpstream(server, status, buffer)
        }
    }

    /// 6xx before all; then the lowest class; inside 4xx those first that tell the caller what to do next (§16.7 step 6).
    ///
    /// - Parameter old: branches that do not count any more.
    mutating func bestBranch(of server: UInt32, except old: [Place] = []) -> UInt32? {
        func rank(_ status: UInt16) -> Int {
            switch status {
            case 600...: Int(status) - 600
            case 401, 407, 415, 420, 484: 4_000 + Int(status)
            // What we made up ourselves, and "ask somebody else", say less than any real answer of their class.
            case 408: 4_900 + Int(status)
            case 503: 5_900 + Int(status)
            case 400..<500: 4_500 + Int(status) - 400
            default: Int(status) * 10
            }
        }
        var best: UInt32?
        var number = self.servers[server].pointee.firstBranch
        while number != .max {
            let branch = self.branches[number]
            if branch.pointee.status >= 300, old.isEmpty || !old.contains(self.place(branch: number)),
                best.map({ rank(branch.pointee.status) < rank(self.branches[$0].pointee.status) }) ?? true
            {
                best = number
            }
            number = branch.pointee.next
        }
        return best
    }

    /// An answer of our own to a request that lies in its transaction: 408, 487, 503.
    private mutating func answerFromStored(_ server: UInt32, status: Int, _ isCanceled: Bool) {
        guard self.restore(server) else { return }
        // A caller who has hung up hears of that and not of our timers.
        if isCanceled {
            self.finalReply(server, 487, "Request Terminated")
        } else if status == 408 {
            self.finalReply(server, 408, "Request Timeout")
        } else {
            self.finalReply(server, 503, "Service Unavailable")
        }
    }

    /// Makes the stored request of a transaction the message in work, with what the script had changed in it.
    mutating func restore(_ server: UInt32) -> Bool {
        let record = self.servers[server]
        guard !record.pointee.request.isEmpty else { return false }
        self.context.memory = record.pointee.request.bytes.bindMemory(to: UInt8.self)
        guard (try? self.context.index.parse(self.context.memory.span)) != nil else { return false }
        self.context.reset()
        self.context.peer = record.pointee.replyTo
        self.context.destination = record.pointee.destination
        self.context.forcesRport = record.pointee.forcesRport
        guard self.context.readRequest() == nil else { return false }
        self.context.transaction = server
        self.context.flags = record.pointee.flags
        if let attributes = self.attributes[server] { self.context.attributes = attributes }
        if let kept = self.keptEdits[server] { kept.bring(back: &self.context) }
        return true
    }

    /// Runs the failure block; its arming is used up.
    ///
    /// - Parameter best: the branch with the best answer; `nil` where it is gone.
    /// - Returns: whether the script has answered, has added branches, or waits.
    private mutating func runFailureBlock(_ server: UInt32, status: Int, best: UInt32?) -> Bool {
        let block = BlockID(index: self.servers[server].pointee.onFailure)
        self.servers[server].pointee.onFailure = -1
        guard self.restore(server) else { return false }
        self.context.block = .failure
        self.context.status = status
        self.noteTimeouts(of: server)
        if status == 401 || status == 407, let best { self.context.challenged = self.challenged(best) }
        self.context.isRequestURIUsed = true
        // The branch may be gone when the answer has come.
        let waiting = WaitingFailure(
            block: block, server: self.place(server: server), branch: best.map { self.place(branch: $0) } ?? .none,
            status: status, response: best.map { self.branches[$0].pointee.response } ?? .empty)
        if self.runBlock(block, keeping: .failure(waiting)) {
            if let best { self.branches[best].pointee.response = .empty }
            self.servers[server].pointee.isWaiting = true
            return true
        }
        self.performEffects()
        return !self.servers.isLive(server, generation: waiting.server.generation) || self.isTakenOver(server)
    }

    /// What `uac_auth` needs of a branch.
    private mutating func challenged(_ branch: UInt32) -> ChallengedBranch? {
        let record = self.branches[branch]
        guard !record.pointee.response.isEmpty, !record.pointee.request.isEmpty else { return nil }
        return ChallengedBranch(
            response: Array(record.pointee.response.bytes), request: Array(record.pointee.request.bytes),
            destination: record.pointee.destination)
    }

    private mutating func isTakenOver(_ server: UInt32) -> Bool {
        let record = self.servers[server]
        return record.pointee.machine.isOver || record.pointee.pending > 0 || record.pointee.isWaiting
    }

    /// Goes on with a failure block that has waited.
    mutating func resumeFailure(_ run: Run, _ failure: WaitingFailure, with answer: Answer) {
        var response = failure.response
        let server = failure.server.number
        guard self.servers.isLive(server, generation: failure.server.generation),
            !self.servers[server].pointee.machine.isOver
        else {
            self.pool.give(&response)
            return
        }
        self.servers[server].pointee.isWaiting = false
        if self.servers[server].pointee.isCanceled {
            self.pool.give(&response)
            self.finalReply(server, 487, "Request Terminated")
            return
        }
        if self.resumeBlock(failure.block, run, with: answer, keeping: .failure(failure)) {
            self.servers[server].pointee.isWaiting = true
            return
        }
        self.performEffects()
        let isLive = self.servers.isLive(server, generation: failure.server.generation)
        guard !isLive || self.isTakenOver(server) else {
            self.answerWithBest(server, failure.status, response)
            return
        }
        // It is still the best one when what the script has tried fails as well.
        if !failure.branch.isNone, self.branches.isLive(failure.branch.number, generation: failure.branch.generation) {
            self.branches[failure.branch.number].pointee.response = response
        } else {
            self.pool.give(&response)
        }
    }

    /// A failure block has tried elsewhere: where nothing could be sent there, the caller has waited long enough.
    mutating func answerUnlessTakenOver(_ server: UInt32) {
        guard !self.isTakenOver(server) else { return }
        if let best = self.bestBranch(of: server) {
            let status = Int(self.branches[best].pointee.status)
            let buffer = self.branches[best].pointee.response
            self.branches[best].pointee.response = .empty
            self.answerWithBest(server, status, buffer)
        } else {
            self.answerFromStored(server, status: 503, false)
        }
    }
}
