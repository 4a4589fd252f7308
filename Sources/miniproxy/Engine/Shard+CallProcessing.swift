import SIPKit
import SIPNet

/// Users' call processing scripts, as the transactions see them: a script hears of each end of an attempt and says what
/// comes next, before the failure block of the configuration is asked.
extension Shard {
    /// The block `proxy_route` before the first attempt; what it changes stays for the others. Where the call goes is the
    /// script's business alone, so the block's own answers and relays do not count.
    mutating func runProxyRoute() {
        let name = self.state.settings.store.cpl.proxyRoute
        guard self.context.block == .request, !name.isEmpty,
            let block = self.policy.program.block(.request, named: name)
        else { return }
        let count = self.context.effects.count
        _ = self.runBlock(block)
        for place in count..<Swift.max(count, self.context.effects.count) {
            if case .log(let level, let text) = self.context.effects[place] {
                self.policy.log(level, self.context.texts[text.indices])
            }
        }
        self.context.effects.removeLast(Swift.max(0, self.context.effects.count - count))
    }

    /// An attempt of a script has been relayed, or could not be.
    ///
    /// - Returns: `false` where the caller has to hear that nothing could be sent.
    mutating func processIsRelayed(_ server: UInt32, isFirst: Bool) -> Bool {
        guard let process = self.processes[server] else { return false }
        guard self.servers[server].pointee.pending > 0 else {
            // A later attempt goes on in `processStepped`, unless it had to wait for a name.
            return isFirst || self.context.isResumed ? self.processEnded(server) : true
        }
        self.wheel.cancel(process.timer)
        process.timer = .none
        if let seconds = process.timeout {
            process.timer = self.arm(.process, .a, self.place(server: server), after: .seconds(Int64(seconds)))
        }
        return true
    }

    /// The script does not wait longer for those who have not answered: 408, and a CANCEL for each.
    mutating func processTimerFired(_ server: UInt32) {
        guard let process = self.processes[server], !self.servers[server].pointee.machine.isOver else { return }
        process.timer = .none
        var silent: [Place] = []
        var number = self.servers[server].pointee.firstBranch
        while number != .max {
            if self.branches[number].pointee.status == 0 { silent.append(self.place(branch: number)) }
            number = self.branches[number].pointee.next
        }
        for place in silent where self.branches.isLive(place.number, generation: place.generation) {
            self.statistics.timeouts += 1
            self.cancel(place.number)
            self.branchAnswered(place.number, status: 408)
        }
    }

    /// All branches of an attempt have ended without a 2xx.
    ///
    /// - Returns: whether the script has taken the call on: it was answered, sent on, or waits.
    mutating func processEnded(_ server: UInt32) -> Bool {
        guard let process = self.processes[server] else { return false }
        self.wheel.cancel(process.timer)
        process.timer = .none
        let (status, contacts) = self.outcome(of: server, process)
        if (300..<400).contains(status), self.state.settings.store.cpl.ignoresRedirections {
            self.forgetProcess(server)
            return false
        }
        guard self.restoreForProcess(server, status) else { return false }
        let result = self.context.carryOut(process.run.ended(status: status, contacts: contacts), of: process)
        return self.processStepped(server, process, result)
    }

    /// A question of the script has its answer.
    mutating func processAnswered(_ server: UInt32, _ answer: Answer) {
        guard let process = self.processes[server] else { return }
        let result = self.context.found(answer, of: process)
        if !self.processStepped(server, process, result) { self.settleWithoutProcess(server) }
    }

    private mutating func processStepped(_ server: UInt32, _ process: CPLProcess, _ first: FunctionResult) -> Bool {
        var result = first
        while true {
            if result == .ask {
                if self.park(.process(self.place(server: server)), server) { return true }
                // Too many wait already: then nobody can be asked.
                result = self.context.found(.failed, of: process)
                continue
            }
            self.performEffects()
            let record = self.servers[server]
            if record.pointee.machine.isOver || record.pointee.pending > 0 || record.pointee.isWaiting { return true }
            guard result == .stop else {
                self.forgetProcess(server)
                return false
            }
            // Nothing could be sent to these places. The run bounds how often it tries others.
            guard self.restoreForProcess(server, 478) else { return false }
            result = self.context.carryOut(process.run.ended(status: 478), of: process)
        }
    }

    /// The end of a call's script; the transaction may go on without it.
    mutating func forgetProcess(_ server: UInt32) {
        guard let process = self.processes.removeValue(forKey: server) else { return }
        self.wheel.cancel(process.timer)
    }

    /// Makes the stored request the message in work. Blocks that the configuration has armed stay armed.
    private mutating func restoreForProcess(_ server: UInt32, _ status: Int) -> Bool {
        guard self.restore(server) else { return false }
        let record = self.servers[server]
        self.context.block = .failure
        self.context.status = status
        self.context.isRequestURIUsed = true
        if record.pointee.onReply >= 0 { self.context.onReply = BlockID(index: record.pointee.onReply) }
        if record.pointee.onFailure >= 0 { self.context.onFailure = BlockID(index: record.pointee.onFailure) }
        return true
    }

    /// The best answer of the attempt that has just ended, and the contacts of a redirection.
    private mutating func outcome(
        of server: UInt32, _ process: CPLProcess
    ) -> (status: Int, contacts: [CPLRun.Target]) {
        let best = self.bestBranch(of: server, except: process.told)
        var number = self.servers[server].pointee.firstBranch
        while number != .max {
            let place = self.place(branch: number)
            if !process.told.contains(place) { process.told.append(place) }
            number = self.branches[number].pointee.next
        }
        // Nobody was asked: there was no way to any of them.
        guard let best else { return (478, []) }
        let branch = self.branches[best]
        let status = Int(branch.pointee.status)
        guard (300..<400).contains(status) else { return (status, []) }
        return (status, self.contacts(of: branch.pointee.response))
    }

    /// The Contacts of an answer, with their q; those that are no SIP or tel URIs are left out.
    private mutating func contacts(of response: Buffer) -> [CPLRun.Target] {
        guard !response.isEmpty else { return [] }
        let memory = response.bytes.bindMemory(to: UInt8.self)
        let bytes = memory.span
        guard (try? self.sideIndex.parse(bytes)) != nil else { return [] }
        var targets: [CPLRun.Target] = []
        for slot in self.sideIndex.slots where slot.id == .contact {
            var cursor = ByteCursor(bytes, slot.value)
            while !cursor.isAtEnd, targets.count < BranchList.limit {
                guard let address = try? AddressRanges(parsing: &cursor) else { break }
                let uri = bytes.copy(address.uri)
                guard let parts = try? URIRanges(parsing: uri.span, ByteRange(0, uri.count)),
                    parts.isSIP || parts.scheme == .tel
                else { continue }
                var priority = 1000
                if let range = address.parameter("q", in: bytes), let q = QValue(parsing: bytes, range) {
                    priority = Int(q.thousandths)
                }
                targets.append(CPLRun.Target(uri: uri, priority: priority))
            }
        }
        return targets
    }
}
