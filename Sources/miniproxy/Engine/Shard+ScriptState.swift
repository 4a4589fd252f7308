import SIPKit
import SIPNet

/// What a script has set for a transaction beyond its branches: timers, branch blocks, copies.
extension Shard {
    // MARK: Timers

    /// Keeps what `t_set_fr` and the timer AVPs say (FUNCTIONS.md §2).
    mutating func rememberTimeouts(_ server: UInt32) {
        let record = self.servers[server]
        if self.context.inviteTimeout > 0 { record.pointee.inviteTimeout = self.context.inviteTimeout }
        if self.context.replyTimeout > 0 { record.pointee.replyTimeout = self.context.replyTimeout }
        guard !self.context.attributes.isEmpty else { return }
        if let seconds = self.seconds(self.state.settings.inviteTimeoutAttribute) {
            record.pointee.inviteTimeout = seconds * 1000
        }
        if let seconds = self.seconds(self.state.settings.replyTimeoutAttribute) {
            record.pointee.replyTimeout = seconds * 1000
        }
    }

    /// The number in an AVP, at most a day.
    private mutating func seconds(_ name: AttributeList.Name?) -> Int32? {
        guard let name, let value = self.context.attributes.first(name) else { return nil }
        let number =
            switch value {
            case .number(let number): number
            case .text(let text): ScriptValue.number(text) ?? 0
            }
        return number > 0 ? Int32(Swift.min(number, 86_400)) : nil
    }

    mutating func inviteTimeout(of server: Place) -> TimerInterval {
        guard !server.isNone, self.servers.isLive(server.number, generation: server.generation) else {
            return self.state.settings.inviteTimeout
        }
        let own = self.servers[server.number].pointee.inviteTimeout
        return own > 0 ? .milliseconds(Int64(own)) : self.state.settings.inviteTimeout
    }

    /// The times of a branch of this transaction.
    mutating func timers(of server: Place) -> TransactionTimers {
        var timers = self.timers
        guard !server.isNone, self.servers.isLive(server.number, generation: server.generation) else { return timers }
        let own = self.servers[server.number].pointee.replyTimeout
        if own > 0 { timers.requestTimeout = .milliseconds(Int64(own)) }
        return timers
    }

    // MARK: Blocks

    /// Keeps what a reply block has changed: flags, attributes, arming.
    mutating func rememberReplyState(_ server: UInt32) {
        let record = self.servers[server]
        record.pointee.flags = self.context.flags
        if let block = self.context.onFailure { record.pointee.onFailure = block.index }
        if let block = self.context.onReply { record.pointee.onReply = block.index }
        if !self.context.attributes.isEmpty || self.attributes[server] != nil {
            self.attributes[server] = self.context.attributes
        }
        self.rememberTimeouts(server)
    }

    /// For `t_any_timeout` and `t_branch_timeout`: branches that were given up without an answer.
    mutating func noteTimeouts(of server: UInt32) {
        var number = self.servers[server].pointee.firstBranch
        while number != .max {
            let branch = self.branches[number]
            if branch.pointee.status == 408, branch.pointee.response.isEmpty {
                self.context.hasTimedOut = true
                if self.context.status == 408 { self.context.hasWinnerTimedOut = true }
            }
            number = branch.pointee.next
        }
    }

    /// Runs the branch block over one branch, which it may change for itself alone.
    ///
    /// - Returns: where the branch goes now; `nil` where the script has dropped it.
    mutating func runBranchBlock(
        _ server: UInt32, uri: [UInt8]?, next: [UInt8]?
    ) -> (uri: [UInt8]?, next: [UInt8]?)? {
        let record = self.servers[server]
        let kept = (
            block: self.context.block, uri: self.context.rewrittenURI, isRewritten: self.context.isRewritten,
            isUsed: self.context.isRequestURIUsed, next: self.context.destinationURI, flags: self.context.flags,
            effects: self.context.effects.count
        )
        self.context.block = .branch
        self.context.branchNumber = Int(record.pointee.branchCount)
        if let uri { self.context.setRequestURI(uri) }
        self.context.destinationURI = next ?? []
        self.context.isDropped = false
        _ = self.runBlock(BlockID(index: record.pointee.onBranch))
        let isDropped = self.context.isDropped
        let changed: [UInt8]? = self.context.isRewritten ? self.context.rewrittenURI : nil
        let hop: [UInt8]? = self.context.destinationURI.isEmpty ? nil : self.context.destinationURI
        // A branch block says where to and what; answers and further branches are not its business.
        for place in kept.effects..<self.context.effects.count {
            if case .log(let level, let text) = self.context.effects[place] {
                self.policy.log(level, self.context.texts[text.indices])
            }
        }
        self.context.effects.removeLast(self.context.effects.count - kept.effects)
        self.context.isDropped = false
        self.context.block = kept.block
        self.context.rewrittenURI = kept.uri
        self.context.isRewritten = kept.isRewritten
        self.context.isRequestURIUsed = kept.isUsed
        self.context.destinationURI = kept.next
        self.context.flags = kept.flags
        return isDropped ? nil : (changed, hop)
    }

    // MARK: Addresses

    /// `Via: SIP/2.0/UDP host:port;branch=`, with what is advertised for the socket where something is.
    mutating func appendViaStart(_ target: Peer) {
        let socket = self.sockets[Int(target.socket)]
        guard self.context.isAdvertising else {
            self.scratch.append(contentsOf: socket.viaPrefix)
            return
        }
        self.scratch.append("Via: SIP/2.0/")
        self.scratch.append(socket.transport.viaName)
        self.scratch.append(ASCII.space)
        let (host, port) = self.context.advertised(socket.address)
        self.scratch.append(contentsOf: host)
        if port != socket.transport.defaultPort {
            self.scratch.append(ASCII.colon)
            self.scratch.append(decimal: UInt64(port))
        }
        self.scratch.append(";branch=")
    }

    // MARK: Copies

    /// Where a URI of the script points to; `nil` for one that cannot be reached, or whose name nobody has looked up yet:
    /// a copy does not wait.
    private mutating func peer(_ range: ByteRange) -> Peer? {
        switch self.destination(uri: nil, next: Array(self.context.texts[range.indices])) {
        case .one(let peer): peer
        case .several(let peers): peers[0]
        case .unknown, .failed: nil
        }
    }

    /// Sends a copy of the request in work whose answers end here (`t_replicate`): a branch of no transaction.
    mutating func replicate(_ range: ByteRange) {
        guard let target = self.peer(range), let number = self.branches.insert() else {
            self.policy.logger(1, "t_replicate: no address for the copy; it is not sent")
            return
        }
        let identity = BranchCodec.Identity(
            shard: self.number, number: number, generation: self.branches.generation(number), loopHash: self.loopHash(),
            upstream: self.upstreamHash(self.context.peer.address))
        let mark = self.context.edits.mark
        self.completeTopVia()
        let buffer = self.writeForward(uri: nil, to: target, identity: identity)
        self.context.edits.truncate(to: mark)
        guard let buffer else {
            self.branches.remove(number)
            return
        }
        let branch = self.branches[number]
        branch.pointee.destination = target
        branch.pointee.request = buffer
        branch.pointee.isInvite = self.context.index.method == .invite
        self.begin(number)
    }

    /// Sends the octets on as they came, without a Via: nothing ever comes back to us (`send()`).
    mutating func sendAsItCame(_ range: ByteRange) {
        guard let target = self.peer(range), var buffer = self.pool.take(self.context.memory.count),
            let memory = buffer.memory, let base = self.context.memory.baseAddress
        else { return }
        memory.copyMemory(from: base, byteCount: self.context.memory.count)
        self.send(buffer, to: target)
        self.pool.give(&buffer)
    }

    /// Ends a transaction that nothing was done with (`t_release`).
    mutating func releaseTransaction() {
        guard let number = self.context.transaction, self.servers[number].pointee.branchCount == 0,
            self.servers[number].pointee.status == 0
        else { return }
        self.removeServer(number)
        self.context.transaction = nil
    }
}
