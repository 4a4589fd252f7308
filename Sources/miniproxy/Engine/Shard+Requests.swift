import SIPKit
import SIPNet

/// A request comes in: repeats are absorbed, everything else goes through the script, whose effects are carried out.
extension Shard {
    mutating func handleRequest() {
        if let verdict = self.context.readRequest() {
            self.refuse(verdict)
            return
        }
        self.context.block = .request
        let key = self.key(of: self.context.index.method)
        self.context.transactionKey = key
        if let number = self.table.find(key, in: self.servers) {
            self.handleRepeat(number)
            return
        }
        if !self.parkedKeys.isEmpty, self.parkedKeys.contains(key) {
            self.statistics.repeats += 1
            return
        }
        if let verdict = self.context.judgeRequest() {
            self.refuse(verdict)
            return
        }
        switch self.context.index.method {
        case .ack:
            // The ACK of an answer that we gave without state ends here.
            if self.isOwnTag(self.context.to.tag) { return }
        case .cancel:
            self.context.inviteTransaction = self.table.find(self.key(of: .invite), in: self.servers)
        default: break
        }
        if self.context.index.method == .bye, let book = self.state.keepAlives {
            book.ended(Array(self.context.memory[self.context.callID.indices]))
        }
        self.runRequest()
    }

    private mutating func key(of method: SIPMethod) -> KeyedHash.Value {
        TransactionKey.hash(
            self.context.memory.span, via: self.context.via, method: method, index: self.context.index,
            fromTag: self.context.from.tag, cSeq: self.context.cSeq.number, under: self.transactionSecret)
    }

    private mutating func handleRepeat(_ number: UInt32) {
        self.actions.clear()
        let record = self.servers[number]
        switch record.pointee.machine {
        case .invite(var machine):
            if self.context.index.method == .ack {
                machine.receivedAck(self.timers, &self.actions)
            } else {
                self.statistics.repeats += 1
                machine.receivedAgain(&self.actions)
            }
            record.pointee.machine = .invite(machine)
        case .other(let machine):
            self.statistics.repeats += 1
            machine.receivedAgain(&self.actions)
        }
        self.performServer(number)
    }

    /// Answers the head of a message that cannot come to its end on its stream: 413 for one that is too large, else 400.
    mutating func refuseHead(
        _ bytes: UnsafeBufferPointer<UInt8>, _ error: ParseError, from peer: Peer, to destination: SocketAddress,
        now: MonotonicTime, wallTime: Int64
    ) {
        self.statistics.malformed += 1
        self.now = now
        self.context.memory = bytes
        self.context.peer = peer
        self.context.destination = destination
        self.context.wallTime = wallTime
        self.context.now = now.nanoseconds
        guard (try? self.context.index.parse(bytes.span)) != nil, self.context.index.isRequest,
            self.context.index.method != .ack
        else { return }
        self.context.reset()
        self.context.via = .unread
        _ = self.context.readRequest()
        guard self.context.via.hostPort.count > 0 else { return }
        if error.kind == .tooLarge {
            self.answer(413, "Request Entity Too Large")
        } else {
            self.answer(400, "Bad Content-Length")
        }
    }

    /// Answers a request that is not in order: without state, and not too often to one address, which may not have
    /// asked.
    private mutating func refuse(_ verdict: MessageSanity.Verdict) {
        self.statistics.malformed += 1
        // Without a Via there is no way back (LANGUAGE.md §11.2), and nobody answers an ACK.
        guard self.context.index.method != .ack, self.context.via.hostPort.count > 0 else { return }
        guard self.refusals.allows(self.context.peer.address.ip, at: self.now) else {
            self.statistics.refusalsHeldBack += 1
            return
        }
        var headers: [UInt8] = []
        if verdict.status == 420 { self.context.appendUnsupported(.proxyRequire, to: &headers) }
        var reason = verdict.reason
        if "\(verdict.element)" == "Contact" {
            // As the registrar says it (FUNCTIONS.md §5), which would have found the same.
            reason = "Bad Request"
            headers.append("P-Registrar-Error: Contact parse error\r\n")
        }
        self.context.reply(verdict.status, reason: Array(reason.utf8), headers: headers)
        self.performEffects()
    }

    /// Answers without state.
    mutating func answer(_ status: Int, _ reason: StaticString) {
        self.context.reply(status, reason)
        self.performEffects()
    }

    // MARK: Effects

    /// Does what the script wants, in its order.
    mutating func performEffects() {
        // One that has to wait takes the message with it, and with that the effects behind it.
        while self.context.nextEffect < self.context.effects.count {
            let effect = self.context.effects[self.context.nextEffect]
            self.context.nextEffect += 1
            switch effect {
            case .reply(let status, let reason, let headers, let isStateful):
                if isStateful, let number = self.ensureTransaction() {
                    self.replyStateful(number, status, reason, headers)
                } else {
                    self.replyStateless(status, reason, headers)
                }
            case .relay:
                if self.context.callProcess != nil { self.runProxyRoute() }
                self.relay()
            case .forwardStateless: self.forwardStateless()
            case .createTransaction: _ = self.ensureTransaction()
            case .replicate(let target): self.replicate(target)
            case .send(let target): self.sendAsItCame(target)
            case .releaseTransaction: self.releaseTransaction()
            case .cancelInvite: self.cancelInvite()
            case .log(let level, let text):
                self.policy.log(level, self.context.texts[text.indices])
            }
        }
    }

    /// The transaction of the request in work; it is made when there is none. `nil` when the table is full, which the
    /// caller has answered with 503.
    mutating func ensureTransaction() -> UInt32? {
        if let number = self.context.transaction { return number }
        guard let number = self.servers.insert() else {
            self.statistics.overloaded += 1
            return nil
        }
        let record = self.servers[number]
        let method = self.context.index.method
        let isReliable = self.context.peer.transport.isReliable
        record.pointee.key = self.context.transactionKey ?? self.key(of: method)
        record.pointee.method = method
        record.pointee.machine =
            method == .invite
            ? .invite(InviteServerTransaction(over: isReliable)) : .other(NonInviteServerTransaction(over: isReliable))
        record.pointee.replyTo = self.replyPeer()
        record.pointee.destination = self.context.destination
        record.pointee.forcesRport = self.context.forcesRport
        record.pointee.flags = self.context.flags
        if let buffer = self.pool.take(self.context.memory.count), let memory = buffer.memory,
            let base = self.context.memory.baseAddress
        {
            memory.copyMemory(from: base, byteCount: self.context.memory.count)
            record.pointee.request = buffer
        }
        self.table.insert(number, in: self.servers)
        self.statistics.transactions += 1
        self.context.transaction = number
        return number
    }

    /// Keeps with the transaction what the script has set.
    mutating func rememberScriptState(_ number: UInt32) {
        let record = self.servers[number]
        record.pointee.flags = self.context.flags
        record.pointee.onReply = self.context.onReply?.index ?? -1
        record.pointee.onFailure = self.context.onFailure?.index ?? -1
        // A branch block stays armed for what a failure block sends.
        if let block = self.context.onBranch { record.pointee.onBranch = block.index }
        self.rememberTimeouts(number)
        // Also when the last one was deleted meanwhile.
        if !self.context.attributes.isEmpty || !self.attributes.isEmpty {
            self.attributes[number] = self.context.attributes.isEmpty ? nil : self.context.attributes
        }
        if self.context.hasOtherIdentity { self.otherIdentities.insert(number) }
        if let process = self.context.callProcess { self.processes[number] = process }
        // A failure block, or a user's script, sends the request again with what was changed here.
        if self.context.onFailure != nil || self.context.callProcess != nil, !self.context.edits.isEmpty {
            self.keptEdits[number] = KeptEdits(self.context)
        }
    }

    // MARK: Server transactions

    /// Carries out ``actions`` for a server transaction.
    mutating func performServer(_ number: UInt32) {
        for step in 0..<self.actions.count {
            let record = self.servers[number]
            switch self.actions[step] {
            case .sendResponse:
                self.send(record.pointee.response, to: record.pointee.replyTo)
            case .start(let timer, let after):
                let handle = self.arm(.server, timer, self.place(server: number), after: after)
                if timer == .g { record.pointee.repeatTimer = handle } else { record.pointee.endTimer = handle }
                // From here on nothing of the request is needed; of a 2xx not even the answer (RFC 6026: its sender repeats it).
                if timer == .l { self.pool.give(&record.pointee.response) }
            case .stop(let timer):
                self.wheel.cancel(timer == .g ? record.pointee.repeatTimer : record.pointee.endTimer)
            case .end:
                self.removeServer(number)
                return
            case .deliver, .sendRequest, .sendAck: break
            }
        }
    }

    mutating func serverTimerFired(_ number: UInt32, _ timer: TransactionTimer) {
        self.actions.clear()
        let record = self.servers[number]
        switch record.pointee.machine {
        case .invite(var machine):
            machine.fired(timer, self.timers, &self.actions)
            record.pointee.machine = .invite(machine)
        case .other(var machine):
            machine.fired(timer, &self.actions)
            record.pointee.machine = .other(machine)
        }
        self.performServer(number)
    }

    mutating func removeServer(_ number: UInt32) {
        let record = self.servers[number]
        self.wheel.cancel(record.pointee.repeatTimer)
        self.wheel.cancel(record.pointee.endTimer)
        self.pool.give(&record.pointee.request)
        self.pool.give(&record.pointee.response)
        if !self.attributes.isEmpty { self.attributes[number] = nil }
        if !self.otherIdentities.isEmpty { self.otherIdentities.remove(number) }
        if !self.keptEdits.isEmpty { self.keptEdits[number] = nil }
        if !self.processes.isEmpty { self.forgetProcess(number) }
        self.table.remove(number, in: self.servers)
        self.servers.remove(number)
    }

    /// Sends an answer upstream through the transaction: `buffer` is the whole message.
    mutating func respond(_ number: UInt32, status: Int, _ buffer: Buffer) {
        var buffer = buffer
        self.actions.clear()
        let record = self.servers[number]
        let isInTime: Bool
        switch record.pointee.machine {
        case .invite(var machine):
            isInTime = machine.responded(status: status, self.timers, &self.actions)
            record.pointee.machine = .invite(machine)
        case .other(var machine):
            isInTime = machine.responded(status: status, self.timers, &self.actions)
            record.pointee.machine = .other(machine)
        }
        guard isInTime else {
            self.pool.give(&buffer)
            return
        }
        self.account(number, status: status, buffer)
        if status >= 200 { self.noteForKeepAlives(status) }
        self.pool.give(&record.pointee.response)
        record.pointee.response = buffer
        record.pointee.status = UInt16(truncatingIfNeeded: status)
        if (200..<700).contains(status) { self.statistics.completions[status / 100] += 1 }
        self.performServer(number)
        // With the final answer the request has served, unless branches still need it for a failure block.
        if status >= 200, self.servers[number].pointee.machine.isOver {
            self.pool.give(&self.servers[number].pointee.request)
        }
    }
}
