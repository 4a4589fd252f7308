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
        self.rememberScriptState(number)
        let isFirst = self.context.block != .failure
        if isFirst {
            if self.isLoop() {
                self.statistics.loops += 1
                self.finalReply(number, 482, "Loop Detected")
                return
            }
            if self.context.index.method == .invite {
                self.provisionalReply(number, 100, "trying -- your call is important to us")
            }
        }
        self.completeTopVia()
        var failure = RouteFailure.none
        if !self.context.isRequestURIUsed {
            let result = self.addBranch(
                number, uri: nil, next: self.context.destinationURI.isEmpty ? nil : self.context.destinationURI)
            if result != .none { failure = result }
        }
        for place in 0..<self.context.appended.count {
            let next = self.context.appended.destinationURI(place)
            let result = self.addBranch(number, uri: self.context.appended.uri(place), next: next.isEmpty ? nil : next)
            if result != .none { failure = result }
        }
        self.context.appended.clear()
        self.context.isRequestURIUsed = true
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
        if self.context.via.hasRport, self.context.via.rport.isEmpty {
            let end = self.context.via.rportWhole.end
            self.scratch.clear()
            if self.context.memory[end - 1] != ASCII.equals { self.scratch.append(ASCII.equals) }
            self.scratch.append(decimal: UInt64(source.port))
            self.context.edits.insert(at: end, copying: self.scratch.bytes)
        }
        guard self.context.needsReceived, self.context.via.received.isEmpty else { return }
        self.scratch.clear()
        if self.context.forcesRport, !self.context.via.hasRport {
            self.scratch.append(";rport=")
            self.scratch.append(decimal: UInt64(source.port))
        }
        self.scratch.append(";received=")
        self.appendAddress(source.ip)
        self.context.edits.insert(at: self.context.via.hostPort.end, copying: self.scratch.bytes)
    }

    // MARK: Branches

    /// Makes one branch and sends its request.
    ///
    /// - Parameters:
    ///   - uri: the Request-URI of an appended branch; `nil` for the context's own.
    ///   - next: where to send to instead of the Request-URI.
    private mutating func addBranch(_ server: UInt32, uri: [UInt8]?, next: [UInt8]?) -> RouteFailure {
        guard self.servers[server].pointee.onBranch >= 0 else { return self.sendBranch(server, uri: uri, next: next) }
        let mark = self.context.edits.mark
        let recordRoute = self.context.recordRouteMark.flatMap { self.context.edits.text(of: $0) }
        defer {
            self.context.edits.truncate(to: mark)
            if let place = self.context.recordRouteMark, let recordRoute {
                self.context.edits.rewrite(place, as: recordRoute)
            }
        }
        guard let branch = self.runBranchBlock(server, uri: uri, next: next) else { return .none }
        return self.sendBranch(server, uri: branch.uri, next: branch.next)
    }

    private mutating func sendBranch(_ server: UInt32, uri: [UInt8]?, next: [UInt8]?) -> RouteFailure {
        let target: Peer
        switch self.destination(uri: uri, next: next) {
        case .success(let peer): target = peer
        case .failure(let failure): return failure.reason
        }
        guard let number = self.branches.insert() else { return .tooManyBranches }
        let isInvite = self.context.index.method == .invite
        let identity = BranchCodec.Identity(
            shard: self.number, number: number, generation: self.branches.generation(number), loopHash: self.loopHash())
        guard let buffer = self.writeForward(uri: uri, to: target, identity: identity) else {
            self.branches.remove(number)
            return .badRequest
        }
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
        self.actions.clear()
        let timers = self.timers(of: server)
        let isReliable = target.transport.isReliable
        branch.pointee.machine =
            isInvite
            ? .invite(InviteClientTransaction(over: isReliable, timers, &self.actions))
            : .other(NonInviteClientTransaction(over: isReliable, timers, &self.actions))
        self.performBranch(number)
        return .none
    }

    /// The edited copy of the request in work, in memory of its own.
    mutating func writeForward(uri: [UInt8]?, to target: Peer, identity: BranchCodec.Identity?) -> Buffer? {
        let mark = self.context.edits.mark
        if let uri {
            self.context.edits.replace(self.context.index.requestURI) { $0.append(contentsOf: uri) }
        } else if self.context.isRewritten {
            let rewritten = self.context.rewrittenURI
            self.context.edits.replace(self.context.index.requestURI) { $0.append(contentsOf: rewritten) }
        }
        self.scratch.clear()
        self.appendViaStart(target)
        if let identity {
            self.codec.write(identity, to: &self.scratch)
        } else {
            self.scratch.append("z9hG4bKs")
            self.scratch.append(hex: self.statelessBranch(), width: 16)
        }
        self.scratch.append("\r\n")
        self.context.edits.insert(at: self.context.index.headersStart, copying: self.scratch.bytes)
        defer { self.context.edits.truncate(to: mark) }
        let source = UnsafeRawBufferPointer(self.context.memory)
        let length = self.context.edits.length(of: source.count)
        guard var buffer = self.pool.take(length), let memory = buffer.memory else { return nil }
        buffer.count = UInt32(truncatingIfNeeded: self.context.edits.write(source, to: memory))
        return buffer
    }

    /// Sends the request in work on without keeping anything (§16.11): the ACK of a 2xx, `forward()`.
    mutating func forwardStateless() {
        self.accountACK()
        self.completeTopVia()
        guard
            case .success(let target) = self.destination(
                uri: nil, next: self.context.destinationURI.isEmpty ? nil : self.context.destinationURI),
            var buffer = self.writeForward(uri: nil, to: target, identity: nil)
        else { return }
        self.send(buffer, to: target)
        self.pool.give(&buffer)
    }

    /// The same for every repeat of the same request (§16.11).
    private mutating func statelessBranch() -> UInt64 {
        let bytes = self.context.memory.span
        var hash = self.tagSecret
        hash.combine(bytes, self.context.via.branch)
        hash.combine(bytes, self.context.via.hostPort)
        hash.combine(bytes, self.context.callID)
        hash.combine(UInt64(self.context.cSeq.number))
        return hash.value.high
    }

    // MARK: Loops

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

    /// What the request's way depends on: the Request-URI as it came, Route, To and From tags, Call-ID, CSeq number.
    mutating func loopHash() -> UInt32 {
        let bytes = self.context.memory.span
        var hash = self.tagSecret
        hash.combine(bytes, self.context.index.requestURI)
        hash.combine(bytes, self.context.callID)
        hash.combine(bytes, self.context.from.tag)
        hash.combine(bytes, self.context.to.tag)
        hash.combine(UInt64(self.context.cSeq.number))
        if let route = self.context.index.first(.route) { hash.combine(bytes, route) }
        return UInt32(truncatingIfNeeded: hash.value.low)
    }

    // MARK: Destination

    struct DestinationError: Error { let reason: RouteFailure }

    /// The address of the next hop: `next` where there is one, else the Request-URI (LANGUAGE.md §11.11).
    mutating func destination(uri: [UInt8]?, next: [UInt8]?) -> Result<Peer, DestinationError> {
        let hop: Result<NextHop, DestinationError>
        if let next = next ?? uri {
            hop = Self.nextHop(next.span, try? URIRanges(parsing: next.span, ByteRange(0, next.count)))
        } else if self.context.isRewritten {
            let uri = self.context.rewrittenURI
            hop = Self.nextHop(uri.span, try? URIRanges(parsing: uri.span, ByteRange(0, uri.count)))
        } else {
            hop = Self.nextHop(self.context.memory.span, self.context.requestURIParts())
        }
        switch hop {
        case .failure(let failure): return .failure(failure)
        case .success(let hop):
            guard let socket = self.socket(for: hop.address.ip, hop.transport) else {
                return .failure(DestinationError(reason: .sendFailed))
            }
            return .success(Peer(hop.address, hop.transport, socket: socket))
        }
    }

    private struct NextHop {
        var address: SocketAddress
        var transport: TransportProtocol
    }

    private static func nextHop(_ bytes: Span<UInt8>, _ uri: URIRanges?) -> Result<NextHop, DestinationError> {
        guard let uri, uri.isSIP else { return .failure(DestinationError(reason: .badURI)) }
        guard let ip = IPAddress(parsing: bytes, uri.host) else {
            return .failure(DestinationError(reason: .unresolvable))
        }
        var transport = uri.scheme == .sips ? TransportProtocol.tls : .udp
        if let wanted = uri.parameter("transport", in: bytes) {
            guard let known = TransportProtocol(parsing: bytes, wanted) else {
                return .failure(DestinationError(reason: .badURI))
            }
            transport = known
        }
        let port = uri.port ?? transport.defaultPort
        // Nobody's address, everybody's address: nothing of ours is ever sent there.
        guard port > 0, !ip.isAny, !ip.isMulticast, !ip.isBroadcast else {
            return .failure(DestinationError(reason: .badURI))
        }
        return .success(NextHop(address: SocketAddress(ip, port), transport: transport))
    }

    /// The socket to send from: the one the request came in on where that fits, else the first of the family.
    private mutating func socket(for ip: IPAddress, _ transport: TransportProtocol) -> UInt16? {
        let own = Int(self.context.peer.socket)
        if own < self.sockets.count, self.sockets[own].transport == transport,
            self.sockets[own].address.ip.family == ip.family
        {
            return UInt16(own)
        }
        for place in self.sockets.indices
        where self.sockets[place].transport == transport && self.sockets[place].address.ip.family == ip.family {
            return UInt16(place)
        }
        return nil
    }
}
