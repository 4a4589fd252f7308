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
            identity.shard == self.number
        else {
            self.statistics.strayResponses += 1
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
        self.actions.clear()
        let before = branch.pointee.machine
        switch before {
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
        if isDelivered { self.deliver(identity.number, status) }
        guard self.branches.isLive(identity.number, generation: identity.generation) else { return }
        if self.context.isHeldBack {
            // It has not come yet.
            branch.pointee.machine = before
            return
        }
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
        guard let via = try? ViaRanges(parsing: &cursor), via.transport == .udp,
            let ip = IPAddress(parsing: bytes, via.received.isEmpty ? via.host : via.received)
        else { return nil }
        let port = ASCII.number(bytes, via.rport, limit: 65_535).map { UInt16($0) } ?? via.port ?? 5060
        return Peer(SocketAddress(ip, port), .udp, socket: self.context.peer.socket)
    }

    // MARK: Upstream

    /// The machine lets a response through: to the reply block, then upstream or into the choice of the best.
    private mutating func deliver(_ number: UInt32, _ status: Int) {
        let branch = self.branches[number]
        let server = branch.pointee.server
        let isServed = !server.isNone && self.servers.isLive(server.number, generation: server.generation)
        if !self.hosts.isEmpty, status != 503 { self.hosts.hasAnswered(branch.pointee.destination.address) }
        if status < 200 {
            // The block sees 100 as well, and may set the timer that begins now.
            let passes = isServed && self.runReplyBlock(server.number)
            if self.context.isHeldBack { return }
            self.provisionalCame(number)
            // 100 is of this hop only.
            guard status > 100, passes else { return }
            if let buffer = self.writeUpstream() { self.relayUpstream(server.number, status, buffer) }
            return
        }
        self.wheel.cancel(branch.pointee.ringTimer)
        guard isServed else { return }
        _ = self.runReplyBlock(server.number)
        if self.context.isHeldBack { return }
        if status < 300 {
            branch.pointee.status = UInt16(truncatingIfNeeded: status)
            let record = self.servers[server.number]
            if record.pointee.pending > 0 { record.pointee.pending &-= 1 }
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
    /// - Returns: `false` where the script drops a provisional answer.
    private mutating func runReplyBlock(_ server: UInt32) -> Bool {
        let record = self.servers[server]
        guard record.pointee.onReply >= 0, (try? self.context.readResponseAddresses()) != nil else { return true }
        self.context.block = .onReply
        self.context.transaction = server
        self.context.status = self.context.index.statusCode
        self.context.flags = record.pointee.flags
        self.context.isCanceled = record.pointee.isCanceled
        if let attributes = self.attributes[server] { self.context.attributes = attributes }
        self.runBlock(BlockID(index: record.pointee.onReply))
        if self.context.isHeldBack { return false }
        self.rememberReplyState(server)
        for place in 0..<self.context.effects.count {
            if case .log(let level, let text) = self.context.effects[place] {
                self.policy.log(level, self.context.texts[text.indices])
            }
        }
        return !self.context.isDropped
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

    /// All branches have ended without a 2xx: the failure block gets its chance, then the best answer goes up.
    private mutating func settle(_ server: UInt32) {
        let record = self.servers[server]
        guard !record.pointee.machine.isOver else { return }
        guard let best = self.bestBranch(of: server) else { return }
        let status = Int(self.branches[best].pointee.status)
        if record.pointee.onFailure >= 0, !record.pointee.isCanceled {
            self.accountMissed(server, status: status)
            let isTakenOver = self.runFailureBlock(server, status: status)
            if isTakenOver || !self.servers.isLive(server, generation: self.servers.generation(server)) { return }
        }
        guard !self.servers[server].pointee.machine.isOver else { return }
        // A request that is no INVITE and got no answer is answered with silence: its sender has given up at the same
        // moment, and a 408 would only be taken for somebody else's fault (RFC 4320 §4.2).
        if status == 408, record.pointee.method != .invite, self.branches[best].pointee.response.isEmpty {
            self.removeServer(server)
            return
        }
        let buffer = self.branches[best].pointee.response
        self.branches[best].pointee.response = .empty
        if buffer.isEmpty {
            self.answerFromStored(server, status: status, record.pointee.isCanceled)
        } else {
            self.relayUpstream(server, status, buffer)
        }
    }

    /// 6xx before all; then the lowest class; inside 4xx those first that tell the caller what to do next (§16.7 step 6).
    private mutating func bestBranch(of server: UInt32) -> UInt32? {
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
            if branch.pointee.status >= 300,
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

    /// Makes the stored request of a transaction the message in work.
    private mutating func restore(_ server: UInt32) -> Bool {
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
        return true
    }

    /// Runs the failure block; its arming is used up.
    ///
    /// - Returns: whether the script has answered or has added branches.
    private mutating func runFailureBlock(_ server: UInt32, status: Int) -> Bool {
        let block = BlockID(index: self.servers[server].pointee.onFailure)
        self.servers[server].pointee.onFailure = -1
        guard self.restore(server) else { return false }
        self.context.block = .failure
        self.context.status = status
        self.noteTimeouts(of: server)
        self.context.isRequestURIUsed = true
        self.runBlock(block)
        self.performEffects()
        let record = self.servers[server]
        return record.pointee.machine.isOver || record.pointee.pending > 0 || record.pointee.isWaiting
    }
}
