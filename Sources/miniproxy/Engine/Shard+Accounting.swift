import SIPKit

/// Accounting to the log and to the database: what became of transactions whose request has the flag (FUNCTIONS.md §16).
extension Shard {
    /// An answer goes upstream through a transaction.
    ///
    /// - Parameter answer: the whole message.
    mutating func account(_ server: UInt32, status: Int, _ answer: Buffer) {
        guard self.state.settings.accounting.isOn else { return }
        let settings = self.state.settings.accounting
        let record = self.servers[server]
        guard !record.pointee.request.isEmpty else { return }
        let flags = record.pointee.flags
        let isAnswer = status >= 200 && status < 300
        let isEarly = status == 183 && settings.reportsEarlyMedia
        if record.pointee.method == .cancel, !settings.reportsCancel { return }
        if flags & settings.answered != 0, isAnswer || isEarly || (status >= 300 && settings.reportsFailures) {
            if flags & settings.answeredFlag != 0 {
                self.writeAccount(isEarly ? "early media" : "transaction answered", server, status, answer)
            }
            if flags & settings.answeredRowFlag != 0 { self.writeRow(settings.table, server, status, answer) }
        }
        self.accountMissed(server, status: status, answer)
    }

    /// A call has failed, for good or until a failure block tries elsewhere. Told once a call, however many branches and
    /// failure blocks it takes.
    mutating func accountMissed(_ server: UInt32, status: Int, _ answer: Buffer) {
        let settings = self.state.settings.accounting
        let record = self.servers[server]
        guard record.pointee.flags & settings.missed != 0, status >= 300, record.pointee.method == .invite,
            !record.pointee.request.isEmpty
        else { return }
        let flags = record.pointee.flags
        if flags & settings.missedFlag != 0 { self.writeAccount("call missed", server, status, answer) }
        if flags & settings.missedRowFlag != 0 { self.writeRow(settings.missedTable, server, status, answer) }
        record.pointee.flags &= ~settings.missed
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

    private mutating func writeAccount(_ event: StaticString, _ server: UInt32, _ status: Int, _ answer: Buffer) {
        let to = self.to(of: answer)
        let request = self.servers[server].pointee.request.bytes.bindMemory(to: UInt8.self)
        guard (try? self.sideIndex.parse(request.span)) != nil else { return }
        var code: [UInt8] = []
        code.append(decimal: UInt64(status))
        let settings = self.state.settings.accounting
        let incoming = request.span.copy(self.sideIndex.requestURI)
        let line = AccountingLine(
            format: settings.format, code: code, outgoing: self.outgoingURI(of: server, status) ?? incoming,
            to: to)
        self.policy.log(settings.level, line.write(event, request.span, self.sideIndex)[...])
    }

    /// A row about the transaction; nothing waits for it, and one that cannot be written is told in the log.
    private mutating func writeRow(_ table: [UInt8], _ server: UInt32, _ status: Int, _ answer: Buffer) {
        guard let columns = self.state.persistence.accountingTables[table] else { return }
        let to = self.to(of: answer)
        let request = self.servers[server].pointee.request.bytes.bindMemory(to: UInt8.self)
        guard (try? self.sideIndex.parse(request.span)) != nil else { return }
        var comment: [UInt8] = []
        comment.append(decimal: UInt64(status))
        comment.append(ASCII.space)
        // `SIP/2.0 200 OK`
        let text = answer.bytes.bindMemory(to: UInt8.self).span
        let end = text.firstIndex(of: ASCII.cr, in: ByteRange(0, text.count)) ?? text.count
        comment.append(text, ByteRange(12, end))
        let incoming = request.span.copy(self.sideIndex.requestURI)
        let row = AccountingRow(columns: columns)
            .values(
                comment, request.span, self.sideIndex, outgoing: self.outgoingURI(of: server, status) ?? incoming,
                to: to, by: Self.caller(request.span, self.sideIndex), at: self.context.wallTime)
        self.questions.append(PendingQuestion(number: 0, question: .change([.insert(table: table, row)])))
    }

    /// To of an answer, which has the tag that the request had not yet.
    private mutating func to(of answer: Buffer) -> [UInt8] {
        let bytes = answer.bytes.bindMemory(to: UInt8.self).span
        guard (try? self.sideIndex.parse(bytes)) != nil else { return [] }
        return self.sideIndex.first(.to).map { bytes.copy($0) } ?? []
    }

    /// The credentials that the request came with. The script has let it pass with them.
    private static func caller(_ bytes: Span<UInt8>, _ index: MessageIndex) -> AccountingRow.Caller {
        for header in [HeaderID.proxyAuthorization, .authorization] {
            guard let value = index.first(header) else { continue }
            var cursor = ByteCursor(bytes, value)
            guard let credentials = try? DigestRanges(parsing: &cursor) else { continue }
            return AccountingRow.Caller(
                user: bytes.copy(credentials.username), realm: bytes.copy(credentials.realm))
        }
        return AccountingRow.Caller()
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
