import SIPKit
import SIPNet

/// Sending a request on: destination, branches, the edited copy (RFC 3261 §16.6).
extension Shard {
    /// Sends the request in work to the Request-URI and all appended branches, through a transaction.
    mutating func relay() {
        guard let number = self.ensureTransaction() else {
            self.answer(503, "Service Unavailable")
            return
        }
        guard !self.servers[number].pointee.machine.isOver else { return }
        if self.state.settings.uac.isAutomatic { _ = self.context.swapIdentity() }
        self.rememberScriptState(number)
        let isFirst = self.context.block != .failure
        if isFirst, !self.context.isResumed {
            if self.isLoop() {
                self.statistics.loops += 1
                self.finalReply(number, 482, "Loop Detected")
                return
            }
            if self.context.index.method == .invite {
                self.provisionalReply(number, 100, "trying -- your call is important to us")
            }
        }
        // Nearly every request has one branch, whose way is looked for once.
        let only = self.servers[number].pointee.onBranch < 0 ? self.onlyDestination() : nil
        if let only {
            if case .unknown(let request) = only, self.parkRelay(number, [request]) { return }
        } else {
            let unknown = self.unresolvedBranches()
            if !unknown.isEmpty, self.parkRelay(number, unknown) { return }
        }
        self.completeTopVia()
        let count = self.context.appended.count + (self.context.isRequestURIUsed ? 0 : 1)
        let total = self.breadth(for: count)
        if let total, total < count {
            self.context.appended.clear()
            self.context.isRequestURIUsed = true
            if self.servers[number].pointee.pending == 0 { self.finalReply(number, 440, "Max-Breadth Exceeded") }
            return
        }
        /// What the branch with this number gets of it.
        func share(_ place: Int) -> Int? { total.map { $0 / count + (place < $0 % count ? 1 : 0) } }
        var failure = RouteFailure.none
        if !self.context.isRequestURIUsed {
            if !self.context.path.isEmpty { self.context.branchPath = self.context.path }
            let result = self.addBranch(
                number, uri: nil, next: self.context.destinationURI.isEmpty ? nil : self.context.destinationURI,
                known: only, breadth: share(self.context.appended.count))
            if result != .none { failure = result }
        }
        for place in 0..<self.context.appended.count {
            let next = self.context.appended.destinationURI(place)
            if !self.context.branchPath.isEmpty || !self.context.appended[place].path.isEmpty {
                self.context.branchPath = self.context.appended.path(place)
            }
            self.context.contactSocket = self.context.appended[place].socket
            let result = self.addBranch(
                number, uri: self.context.appended.uri(place), next: next.isEmpty ? nil : next, known: only,
                breadth: share(place))
            if result != .none { failure = result }
        }
        self.context.appended.clear()
        self.context.isRequestURIUsed = true
        if self.context.callProcess != nil, self.processIsRelayed(number, isFirst: isFirst) { return }
        guard self.servers[number].pointee.pending == 0, isFirst else { return }
        // Nothing could be sent: the transaction answers for itself, with SER's number behind the phrase.
        let (status, reason, code) = (failure == .none ? .unspecified : failure).reply
        var text: [UInt8] = []
        text.append(reason)
        text.append(" (")
        text.append(decimal: UInt64(code))
        text.append("/TM)")
        self.context.reply(status, reason: text, stateful: true)
        if case .reply(_, let range, let headers, _) = self.context.effects.removeLast() {
            self.replyStateful(number, status, range, headers)
        }
    }

    private mutating func provisionalReply(_ number: UInt32, _ status: Int, _ reason: StaticString) {
        let start = self.context.texts.count
        self.context.texts.append(reason)
        self.replyStateful(number, status, ByteRange(start, self.context.texts.count), .none)
    }

    mutating func finalReply(_ number: UInt32, _ status: Int, _ reason: StaticString) {
        self.provisionalReply(number, status, reason)
    }

    /// Writes `received` and `rport` into the Via that the request came with; once a message.
    mutating func completeTopVia() {
        let source = self.context.peer.address
        let needsReceived = self.context.needsReceived && self.context.via.received.isEmpty
        self.scratch.clear()
        var place = self.context.via.hostPort.end
        if self.context.via.hasRport, self.context.via.rport.isEmpty {
            // Both in one place, as one edit.
            place = self.context.via.rportWhole.end
            if self.context.memory[place - 1] != ASCII.equals { self.scratch.append(ASCII.equals) }
            self.scratch.append(decimal: UInt64(source.port))
        } else if needsReceived, self.context.forcesRport, !self.context.via.hasRport {
            self.scratch.append(";rport=")
            self.scratch.append(decimal: UInt64(source.port))
        }
        if needsReceived {
            self.scratch.append(";received=")
            self.appendAddress(source.ip)
        }
        if !self.scratch.isEmpty { self.context.edits.insert(at: place, copying: self.scratch.bytes) }
    }

    // MARK: Branches

    /// Makes one branch and sends its request.
    ///
    /// - Parameters:
    ///   - uri: the Request-URI of an appended branch; `nil` for the context's own.
    ///   - next: where to send to instead of the Request-URI.
    ///   - known: where that leads to, when it has been looked for.
    ///   - breadth: the branch's part of Max-Breadth; `nil` where that needs no mention.
    private mutating func addBranch(
        _ server: UInt32, uri: [UInt8]?, next: [UInt8]?, known: Destination?, breadth: Int?
    ) -> RouteFailure {
        guard self.servers[server].pointee.onBranch >= 0 else {
            return self.sendBranch(
                server, uri: uri, to: known ?? self.destination(uri: uri, next: next), breadth: breadth)
        }
        // What the block changes is this branch's alone: the next one begins as this one did.
        let common = KeptEdits(of: self.context)
        defer { common.bring(back: &self.context) }
        guard let branch = self.runBranchBlock(server, uri: uri, next: next) else { return .none }
        return self.sendBranch(
            server, uri: branch.uri, to: self.destination(uri: branch.uri, next: branch.next), breadth: breadth)
    }

    private mutating func sendBranch(
        _ server: UInt32, uri: [UInt8]?, to destination: Destination, breadth: Int?
    ) -> RouteFailure {
        var target: Peer
        var others: [Peer] = []
        switch destination {
        case .one(let peer): target = peer
        case .several(let peers):
            target = peers[0]
            others = Array(peers.dropFirst())
        case .unknown: return .unresolvable
        case .failed(let reason): return reason
        }
        guard let number = self.branches.insert() else { return .tooManyBranches }
        let isInvite = self.context.index.method == .invite
        let identity = BranchCodec.Identity(
            shard: self.number, number: number, generation: self.branches.generation(number), loopHash: self.loopHash(),
            upstream: self.upstreamHash(self.servers[server].pointee.replyTo.address))
        guard var buffer = self.writeForward(uri: uri, to: target, identity: identity, breadth: breadth) else {
            self.branches.remove(number)
            return .badRequest
        }
        if let stream = self.congestionControlled(target, length: Int(buffer.count)),
            let rewritten = self.writeForward(uri: uri, to: stream, identity: identity, breadth: breadth)
        {
            self.pool.give(&buffer)
            buffer = rewritten
            others.insert(target, at: 0)
            target = stream
        }
        if !others.isEmpty { self.alternatives[number] = others }
        let branch = self.branches[number]
        branch.pointee.server = self.place(server: server)
        branch.pointee.destination = target
        branch.pointee.request = buffer
        branch.pointee.isInvite = isInvite
        let record = self.servers[server]
        branch.pointee.next = record.pointee.firstBranch
        record.pointee.firstBranch = number
        record.pointee.branchCount &+= 1
        record.pointee.pending &+= 1
        self.begin(number)
        return .none
    }

    /// Starts the client transaction of a branch whose request is ready.
    mutating func begin(_ number: UInt32) {
        let branch = self.branches[number]
        self.actions.clear()
        let timers = self.timers(of: branch.pointee.server)
        let isReliable = branch.pointee.destination.transport.isReliable
        branch.pointee.machine =
            branch.pointee.isInvite
            ? .invite(InviteClientTransaction(over: isReliable, timers, &self.actions))
            : .other(NonInviteClientTransaction(over: isReliable, timers, &self.actions))
        self.performBranch(number)
    }

    /// The edited copy of the request in work, in memory of its own.
    mutating func writeForward(
        uri: [UInt8]?, to target: Peer, identity: BranchCodec.Identity, breadth: Int? = nil
    ) -> Buffer? {
        let mark = self.context.edits.mark
        var plainRoute: ByteRange?
        if self.context.isRecordRouted, target.socket != self.context.peer.socket {
            plainRoute = self.doubleRecordRoute(self.sockets[Int(target.socket)])
        }
        if let uri {
            self.context.edits.replace(self.context.index.requestURI) { $0.append(contentsOf: uri) }
        } else if self.context.isRewritten {
            let rewritten = self.context.rewrittenURI
            self.context.edits.replace(self.context.index.requestURI) { $0.append(contentsOf: rewritten) }
        }
        if let breadth { self.writeBreadth(breadth) }
        self.scratch.clear()
        self.appendViaStart(target)
        self.codec.write(identity, to: &self.scratch)
        self.scratch.append("\r\n")
        self.context.edits.insert(at: self.context.index.headersStart, copying: self.scratch.bytes)
        if !self.context.branchPath.isEmpty {
            let path = self.context.branchPath
            self.context.insertAtTop { line in
                line.append("Route: ")
                line += path
                line.append("\r\n")
            }
        }
        defer {
            self.context.edits.truncate(to: mark)
            if let plainRoute { self.context.edits.restore(self.context.recordRouteMark, plainRoute) }
        }
        let source = UnsafeRawBufferPointer(self.context.memory)
        let length = self.context.edits.length(of: source.count)
        guard var buffer = self.pool.take(length), let memory = buffer.memory else { return nil }
        buffer.count = UInt32(truncatingIfNeeded: self.context.edits.write(source, to: memory))
        return buffer
    }

    /// Sends the request in work on without keeping anything (§16.11): the ACK of a 2xx, `forward()`. Who is to have the answers
    /// is in the branch.
    mutating func forwardStateless() {
        self.accountACK()
        if self.state.settings.uac.isAutomatic { _ = self.context.swapIdentity() }
        let target: Peer
        switch self.destination(
            uri: nil, next: self.context.destinationURI.isEmpty ? nil : self.context.destinationURI)
        {
        case .one(let peer): target = peer
        case .several(let peers): target = peers[0]
        case .unknown(let request):
            self.parkForward(request)
            return
        case .failed: return
        }
        if !self.context.path.isEmpty { self.context.branchPath = self.context.path }
        // The answer finds the connection by its other end, which nobody keeps.
        if self.context.peer.transport.isReliable { self.context.forcesRport = true }
        self.completeTopVia()
        guard
            var buffer = self.writeForward(uri: nil, to: target, identity: self.statelessIdentity())
        else { return }
        self.send(buffer, to: target)
        self.pool.give(&buffer)
    }

    /// The same for every repeat of the same request (§16.11).
    private mutating func statelessIdentity() -> BranchCodec.Identity {
        let bytes = self.context.memory.span
        var hash = self.tagSecret
        hash.combine(bytes, self.context.via.branch)
        hash.combine(bytes, self.context.via.hostPort)
        hash.combine(bytes, self.context.callID)
        hash.combine(UInt64(self.context.cSeq.number))
        let value = hash.value.high
        return BranchCodec.Identity(
            shard: BranchCodec.stateless, number: UInt32(truncatingIfNeeded: value >> 32),
            generation: UInt32(truncatingIfNeeded: value) & Slab<UInt8>.generationMask, loopHash: self.loopHash(),
            upstream: self.upstreamHash(self.replyPeer().address))
    }

    // MARK: Breadth

    /// How many branches this request and all that comes of it may have at one time (RFC 5393 §5); `nil` where there is
    /// one branch and nobody has counted so far. A request that forks for the first time may have sixty.
    private mutating func breadth(for count: Int) -> Int? {
        guard self.context.index.contains(.maxBreadth) else {
            return count > 1 ? self.state.settings.maxBreadth : nil
        }
        let value = self.context.index.first(.maxBreadth) ?? .none
        // What is no number counts as not written, and more than we would write ourselves as that.
        let said = ASCII.number(self.context.memory.span, value, limit: 0xFFFF).map { Int($0) }
        return Swift.min(said ?? .max, self.state.settings.maxBreadth)
    }

    private mutating func writeBreadth(_ breadth: Int) {
        if let slot = self.context.index.firstSlot(.maxBreadth) {
            self.context.replaceValue(slot) { $0.append(decimal: UInt64(breadth)) }
        } else {
            self.context.appendLine {
                $0.append("Max-Breadth: ")
                $0.append(decimal: UInt64(breadth))
                $0.append("\r\n")
            }
        }
    }

    // MARK: Loops

    /// Who is to have the answers, as a branch carries it.
    mutating func upstreamHash(_ address: SocketAddress) -> UInt32 {
        var hash = self.tagSecret
        hash.combine(address.ip.high)
        hash.combine(address.ip.low ^ UInt64(address.port) << 48)
        return UInt32(truncatingIfNeeded: hash.value.high)
    }

    /// A request that comes back with the same target and the same routing fields has gone in a circle (RFC 5393 §4.2).
    private mutating func isLoop() -> Bool {
        guard let first = self.context.index.firstSlot(.via) else { return false }
        let bytes = self.context.memory.span
        // One Via cannot be ours already: the quick way for nearly all requests.
        guard self.context.via.isFollowed || self.context.index.nextSlot(after: first) != nil else { return false }
        let hash = self.loopHash()
        var slot: Int? = first
        while let place = slot {
            var cursor = ByteCursor(bytes, self.context.index.slots[place].value)
            while !cursor.isAtEnd {
                guard let via = try? ViaRanges(parsing: &cursor) else { break }
                if let identity = self.codec.read(bytes, via.branch), identity.loopHash == hash { return true }
            }
            slot = self.context.index.nextSlot(after: place)
        }
        return false
    }

    /// What the request's way depends on: the Request-URI as it came, and Route. The other fields that RFC 5393 §4.2 names
    /// (tags, Call-ID, CSeq) are the same wherever one request comes by, and it is compared with its own Vias only.
    mutating func loopHash() -> UInt32 {
        let bytes = self.context.memory.span
        var hash = self.tagSecret
        hash.combine(bytes, self.context.index.requestURI)
        if let route = self.context.index.first(.route) { hash.combine(bytes, route) }
        return UInt32(truncatingIfNeeded: hash.value.low)
    }
}
