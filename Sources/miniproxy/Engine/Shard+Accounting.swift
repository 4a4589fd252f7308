import SIPKit

/// Accounting to the log: what became of transactions whose request has the flag (FUNCTIONS.md §16).
extension Shard {
    /// An answer goes upstream through a transaction.
    mutating func account(_ server: UInt32, status: Int) {
        guard self.state.settings.accounting.isOn else { return }
        let settings = self.state.settings.accounting
        let record = self.servers[server]
        guard !record.pointee.request.isEmpty else { return }
        let flags = record.pointee.flags
        let isAnswer = status >= 200 && status < 300
        let isEarly = status == 183 && settings.reportsEarlyMedia
        if record.pointee.method == .cancel, !settings.reportsCancel { return }
        if flags & settings.answeredFlag != 0,
            isAnswer || isEarly || (status >= 300 && settings.reportsFailures)
        {
            self.writeAccount(isEarly ? "early media" : "transaction answered", server, status)
        }
        self.accountMissed(server, status: status)
    }

    /// A call has failed, for good or until a failure block tries elsewhere. Told once a call, however many branches and
    /// failure blocks it takes.
    mutating func accountMissed(_ server: UInt32, status: Int) {
        let settings = self.state.settings.accounting
        let record = self.servers[server]
        guard record.pointee.flags & settings.missedFlag != 0, status >= 300, record.pointee.method == .invite,
            !record.pointee.request.isEmpty
        else { return }
        self.writeAccount("call missed", server, status)
        record.pointee.flags &= ~settings.missedFlag
    }

    /// An ACK is passed on.
    mutating func accountACK() {
        guard self.state.settings.accounting.isOn else { return }
        let settings = self.state.settings.accounting
        guard settings.reportsACK, self.context.flags & settings.answeredFlag != 0, self.context.index.method == .ack
        else { return }
        let line = AccountingLine(
            format: settings.format, code: Array("n/a".utf8), outgoing: self.context.requestURIBytes)
        self.policy.log(
            settings.level,
            line.write("request acknowledged", self.context.memory.span, self.context.index)[...])
    }

    private mutating func writeAccount(_ event: StaticString, _ server: UInt32, _ status: Int) {
        let request = self.servers[server].pointee.request.bytes.bindMemory(to: UInt8.self)
        guard (try? self.sideIndex.parse(request.span)) != nil else { return }
        var code: [UInt8] = []
        code.append(decimal: UInt64(status))
        let settings = self.state.settings.accounting
        let incoming = request.span.copy(self.sideIndex.requestURI)
        let line = AccountingLine(
            format: settings.format, code: code, outgoing: self.outgoingURI(of: server, status) ?? incoming)
        self.policy.log(settings.level, line.write(event, request.span, self.sideIndex)[...])
    }

    /// The Request-URI of the branch that this answer came from.
    private mutating func outgoingURI(of server: UInt32, _ status: Int) -> [UInt8]? {
        var number = self.servers[server].pointee.firstBranch
        var found: [UInt8]?
        while number != .max {
            let branch = self.branches[number]
            if found == nil || Int(branch.pointee.status) == status {
                let bytes = branch.pointee.request.bytes.bindMemory(to: UInt8.self).span
                // The URI stands between the first two blanks.
                let all = ByteRange(0, bytes.count)
                if let first = bytes.firstIndex(of: ASCII.space, in: all),
                    let second = bytes.firstIndex(of: ASCII.space, in: ByteRange(first + 1, bytes.count))
                {
                    found = bytes.copy(ByteRange(first + 1, second))
                }
            }
            number = branch.pointee.next
        }
        return found
    }
}
