import SIPKit
import SIPNet

/// The next place when one fails: with a time-out, an error of the network, or a 503 (RFC 3263 §4.3).
extension Shard {
    /// Sends the request of a branch to the next of its places, as a new branch that takes the old one's part.
    ///
    /// - Returns: `false` where there is no next place.
    mutating func failOver(_ number: UInt32) -> Bool {
        guard !self.alternatives.isEmpty, let rest = self.alternatives.removeValue(forKey: number),
            let next = rest.first
        else { return false }
        let branch = self.branches[number]
        let server = branch.pointee.server
        guard !server.isNone, self.servers.isLive(server.number, generation: server.generation) else { return false }
        let record = self.servers[server.number]
        guard !record.pointee.isCanceled, !branch.pointee.wantsCancel, !record.pointee.machine.isOver,
            let added = self.branches.insert()
        else { return false }
        guard let request = self.readdressed(branch.pointee.request, to: next, as: added) else {
            self.branches.remove(added)
            return false
        }
        if branch.pointee.destination.transport == .tcp, next.transport == .udp,
            next.address == branch.pointee.destination.address
        {
            self.hosts.refusesTCP(next.address, now: self.now)
        } else {
            self.hosts.wasSilent(branch.pointee.destination.address, now: self.now)
        }
        let new = self.branches[added]
        new.pointee.server = server
        new.pointee.destination = next
        new.pointee.request = request
        new.pointee.isInvite = branch.pointee.isInvite
        new.pointee.next = record.pointee.firstBranch
        record.pointee.firstBranch = added
        record.pointee.branchCount &+= 1
        if rest.count > 1 { self.alternatives[added] = Array(rest.dropFirst()) }
        self.statistics.failovers += 1
        self.begin(added)
        return true
    }

    /// A copy of a request that we sent, with the Via of another socket and branch.
    private mutating func readdressed(_ request: Buffer, to peer: Peer, as number: UInt32) -> Buffer? {
        let bytes = request.bytes.bindMemory(to: UInt8.self)
        guard !request.isEmpty, (try? self.sideIndex.parse(bytes.span)) != nil,
            let first = self.sideIndex.firstSlot(.via)
        else { return nil }
        var cursor = ByteCursor(bytes.span, self.sideIndex.slots[first].value)
        guard let via = try? ViaRanges(parsing: &cursor), !via.isFollowed,
            let old = self.codec.read(bytes.span, via.branch)
        else { return nil }
        let line = self.sideIndex.lineRange(first)
        let identity = BranchCodec.Identity(
            shard: self.number, number: number, generation: self.branches.generation(number), loopHash: old.loopHash,
            upstream: old.upstream)
        self.scratch.clear()
        self.scratch.append(bytes.span, ByteRange(0, line.start))
        self.scratch.append(contentsOf: self.sockets[Int(peer.socket)].viaPrefix)
        self.codec.write(identity, to: &self.scratch)
        self.scratch.append("\r\n")
        self.scratch.append(bytes.span, ByteRange(line.end, bytes.count))
        let copy = self.buffer()
        return copy.isEmpty ? nil : copy
    }
}
