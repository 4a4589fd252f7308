import SIPKit
import SIPNet

/// Client transactions: what their machines want, their timers, CANCEL.
extension Shard {
    /// Carries out ``actions`` for a branch. `.deliver` and `.sendAck` are the caller's, who has the response.
    mutating func performBranch(_ number: UInt32) {
        for step in 0..<self.actions.count {
            let branch = self.branches[number]
            switch self.actions[step] {
            case .sendRequest:
                self.send(branch.pointee.request, to: branch.pointee.destination)
            case .start(let timer, let after):
                switch timer {
                case .k, .m:
                    // Absorbing repeats needs no memory here: a branch that is gone finds nothing, and a repeated 2xx of
                    // an INVITE is passed on by its next Via (see `handleStray`).
                    self.removeBranch(number)
                    return
                case .a, .e:
                    branch.pointee.repeatTimer = self.arm(.branch, timer, self.place(branch: number), after: after)
                default: branch.pointee.endTimer = self.arm(.branch, timer, self.place(branch: number), after: after)
                }
            case .stop(let timer):
                self.wheel.cancel(timer == .a || timer == .e ? branch.pointee.repeatTimer : branch.pointee.endTimer)
            case .end(let ending):
                self.branchEnded(number, ending)
                return
            case .deliver, .sendAck, .sendResponse: break
            }
        }
    }

    mutating func branchTimerFired(_ number: UInt32, _ timer: TransactionTimer) {
        self.actions.clear()
        let branch = self.branches[number]
        switch branch.pointee.machine {
        case .invite(var machine):
            machine.fired(timer, &self.actions)
            branch.pointee.machine = .invite(machine)
        case .other(var machine):
            machine.fired(timer, self.timers, &self.actions)
            branch.pointee.machine = .other(machine)
        }
        self.performBranch(number)
    }

    private mutating func branchEnded(_ number: UInt32, _ ending: TransactionEnding) {
        let status = self.branches[number].pointee.status
        if status == 0 {
            self.statistics.timeouts += ending == .timedOut ? 1 : 0
            self.probeEnded(number, status: nil)
            if !self.failOver(number) {
                self.branchAnswered(number, status: ending == .timedOut ? 408 : 503)
            }
        }
        self.removeBranch(number)
    }

    /// The network says that nothing arrives at this address: all that waits for it is over now instead of in 32 s
    /// (RFC 3261 §16.9).
    ///
    /// At most once in 100 ms for all addresses together: it walks over all branches, and news of this kind comes in
    /// swarms.
    ///
    /// - Parameter onlyUnanswered: leaves out what has had a provisional answer: of a connection that was open and has
    ///   closed, the final answer may come over another.
    mutating func deliveryFailed(
        _ destination: SocketAddress, _ transport: TransportProtocol = .udp, onlyUnanswered: Bool = false,
        now: MonotonicTime
    ) {
        self.statistics.sendErrors += 1
        self.now = now
        guard now >= self.nextFailureWalk || self.branches.liveCount < 1_000 else { return }
        self.nextFailureWalk = now.adding(milliseconds: 100)
        let failed = self.branches.liveNumbers {
            $0.pointee.destination.address == destination && $0.pointee.destination.transport == transport
                && !$0.pointee.machine.isOver && !(onlyUnanswered && $0.pointee.machine.isProceeding)
        }
        for number in failed {
            self.actions.clear()
            let branch = self.branches[number]
            switch branch.pointee.machine {
            case .invite(var machine):
                machine.transportFailed(&self.actions)
                branch.pointee.machine = .invite(machine)
            case .other(var machine):
                machine.transportFailed(&self.actions)
                branch.pointee.machine = .other(machine)
            }
            self.performBranch(number)
        }
    }

    /// Timer C: it has rung for too long (§16.8). The branch is cancelled and counts as 408; when a CANCEL has brought
    /// nothing either, in 64·T1, there is nobody left to wait for.
    mutating func ringTimerFired(_ number: UInt32) {
        let branch = self.branches[number]
        let wasCancelled = branch.pointee.cancelMachine != nil
        if !wasCancelled { self.cancel(number) }
        if branch.pointee.status == 0 {
            self.statistics.timeouts += 1
            self.branchAnswered(number, status: 408)
        }
        if wasCancelled { self.removeBranch(number) }
    }

    mutating func removeBranch(_ number: UInt32) {
        let branch = self.branches[number]
        self.wheel.cancel(branch.pointee.repeatTimer)
        self.wheel.cancel(branch.pointee.endTimer)
        self.wheel.cancel(branch.pointee.ringTimer)
        self.wheel.cancel(branch.pointee.cancelRepeatTimer)
        self.wheel.cancel(branch.pointee.cancelEndTimer)
        self.pool.give(&branch.pointee.request)
        self.pool.give(&branch.pointee.response)
        self.pool.give(&branch.pointee.cancelRequest)
        if !self.alternatives.isEmpty { self.alternatives[number] = nil }
        if !self.held.isEmpty { self.held.remove(number) }
        if !self.probes.isEmpty { self.probes[number] = nil }
        self.unlink(number)
        self.branches.remove(number)
    }

    /// Takes the branch out of its server transaction's list.
    private mutating func unlink(_ number: UInt32) {
        let branch = self.branches[number]
        let server = branch.pointee.server
        guard !server.isNone, self.servers.isLive(server.number, generation: server.generation) else { return }
        let record = self.servers[server.number]
        if record.pointee.firstBranch == number {
            record.pointee.firstBranch = branch.pointee.next
            return
        }
        var previous = record.pointee.firstBranch
        while previous != .max {
            let place = self.branches[previous]
            if place.pointee.next == number {
                place.pointee.next = branch.pointee.next
                return
            }
            previous = place.pointee.next
        }
    }

    // MARK: CANCEL

    /// A CANCEL from upstream: answered at once, then every branch that still waits is cancelled (§16.10).
    mutating func cancelInvite() {
        guard let number = self.context.inviteTransaction else { return }
        let record = self.servers[number]
        guard case .invite = record.pointee.machine, record.pointee.pending > 0 || record.pointee.isWaiting,
            !record.pointee.machine.isOver
        else {
            self.answerCancel("ok -- no more pending branches")
            return
        }
        self.answerCancel("canceling")
        record.pointee.isCanceled = true
        self.cancelBranches(of: number)
    }

    /// Through a transaction of its own (§9.2): the INVITE's may be gone when the CANCEL is repeated.
    private mutating func answerCancel(_ reason: StaticString) {
        let start = self.context.texts.count
        self.context.texts.append(reason)
        let text = ByteRange(start, self.context.texts.count)
        if let number = self.ensureTransaction() {
            self.replyStateful(number, 200, text, .none)
        } else {
            self.replyStateless(200, text, .none)
        }
    }

    mutating func cancelBranches(of server: UInt32) {
        var number = self.servers[server].pointee.firstBranch
        while number != .max {
            let next = self.branches[number].pointee.next
            if self.branches[number].pointee.status == 0 { self.cancel(number) }
            number = next
        }
    }

    /// Cancels a branch now, or when its first provisional answer has come (§9.1).
    mutating func cancel(_ number: UInt32) {
        let branch = self.branches[number]
        guard case .invite(let machine) = branch.pointee.machine, !machine.isOver, branch.pointee.cancelMachine == nil
        else { return }
        guard machine.isProceeding else {
            branch.pointee.wantsCancel = true
            return
        }
        guard self.writeDerived(from: branch.pointee.request, method: .cancel, to: nil) else { return }
        branch.pointee.cancelRequest = self.buffer()
        self.actions.clear()
        branch.pointee.cancelMachine = NonInviteClientTransaction(
            over: branch.pointee.destination.transport.isReliable, self.timers, &self.actions)
        self.performCancel(number)
        // Whoever ignores the CANCEL is given up after 64·T1 (§9.1).
        self.wheel.cancel(branch.pointee.ringTimer)
        branch.pointee.ringTimer = self.arm(
            .ring, .a, self.place(branch: number), after: self.state.settings.timers.requestTimeout)
    }

    private mutating func performCancel(_ number: UInt32) {
        for step in 0..<self.actions.count {
            let branch = self.branches[number]
            switch self.actions[step] {
            case .sendRequest:
                self.send(branch.pointee.cancelRequest, to: branch.pointee.destination)
            case .start(.e, let after):
                branch.pointee.cancelRepeatTimer = self.arm(.cancel, .e, self.place(branch: number), after: after)
            case .start(.f, let after):
                branch.pointee.cancelEndTimer = self.arm(.cancel, .f, self.place(branch: number), after: after)
            case .stop(let timer):
                self.wheel.cancel(timer == .e ? branch.pointee.cancelRepeatTimer : branch.pointee.cancelEndTimer)
            default: break
            }
        }
    }

    mutating func cancelTimerFired(_ number: UInt32, _ timer: TransactionTimer) {
        guard var machine = self.branches[number].pointee.cancelMachine else { return }
        self.actions.clear()
        machine.fired(timer, self.timers, &self.actions)
        self.branches[number].pointee.cancelMachine = machine
        self.performCancel(number)
    }

    /// The answer to a CANCEL of ours has come: it is not sent again.
    mutating func cancelAnswered(_ number: UInt32, status: Int) {
        guard var machine = self.branches[number].pointee.cancelMachine else { return }
        self.actions.clear()
        machine.received(status: status, self.timers, &self.actions)
        self.branches[number].pointee.cancelMachine = machine
        self.performCancel(number)
    }

    // MARK: ACK

    /// The ACK of this hop for the answer in work, which is of 300 or more (§17.1.1.3).
    mutating func sendAck(_ number: UInt32) {
        let branch = self.branches[number]
        let to = self.context.memory.span.copy(self.context.index.first(.to) ?? .none)
        guard self.writeDerived(from: branch.pointee.request, method: .ack, to: to) else { return }
        var buffer = self.buffer()
        self.send(buffer, to: branch.pointee.destination)
        self.pool.give(&buffer)
    }

    /// Writes an ACK or a CANCEL for a request that we sent, into ``scratch``: same Request-URI, top Via, Route, From,
    /// Call-ID and CSeq number; To as given, or as the request has it (§9.1, §17.1.1.3).
    private mutating func writeDerived(from request: Buffer, method: SIPMethod, to: [UInt8]?) -> Bool {
        guard !request.isEmpty else { return false }
        let memory = request.bytes.bindMemory(to: UInt8.self)
        let bytes = memory.span
        guard (try? self.sideIndex.parse(bytes)) != nil else { return false }
        self.scratch.clear()
        self.scratch.append(method.name)
        self.scratch.append(ASCII.space)
        self.scratch.append(bytes, self.sideIndex.requestURI)
        self.scratch.append(" SIP/2.0\r\n")
        var hasVia = false
        for slot in self.sideIndex.slots {
            switch slot.id {
            case .via:
                guard !hasVia else { continue }
                hasVia = true
                self.scratch.append("Via: ")
                self.scratch.append(bytes, slot.value)
            case .from:
                self.scratch.append("From: ")
                self.scratch.append(bytes, slot.value)
            case .to:
                self.scratch.append("To: ")
                if let to { self.scratch.append(contentsOf: to) } else { self.scratch.append(bytes, slot.value) }
            case .callID:
                self.scratch.append("Call-ID: ")
                self.scratch.append(bytes, slot.value)
            case .cSeq:
                var cursor = ByteCursor(bytes, slot.value)
                guard let cSeq = try? CSeq(parsing: &cursor) else { return false }
                self.scratch.append("CSeq: ")
                self.scratch.append(decimal: UInt64(cSeq.number))
                self.scratch.append(ASCII.space)
                self.scratch.append(method.name)
            case .route:
                self.scratch.append("Route: ")
                self.scratch.append(bytes, slot.value)
            default: continue
            }
            self.scratch.append("\r\n")
        }
        self.scratch.append("Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n")
        return true
    }
}
