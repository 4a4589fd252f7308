import SIPKit

/// What became of one call attempt, read from its finished conversation.
///
/// An attempt is all INVITEs of a Call-ID that have no To tag: a challenge and the retry with a password are one
/// attempt (the figures of RFC 6076 would be useless otherwise). Times are what the caller's side saw.
struct CallFacts: Sendable, Equatable {
    /// Places in the conversation's records; each is the first sight of its message.
    var firstInvite: Int
    /// The INVITE that the outcome belongs to: the last one without To tag.
    var lastInvite: Int
    /// The first copy of it that a server passed on.
    var inviteCopy: Int?
    /// The first 101 to 199 on the caller's hop.
    var firstRing: Int?
    /// The final answer on the caller's hop.
    var final: Int?
    var ack: Int?
    var bye: Int?
    /// The final answer to the BYE, on the BYE's own hop.
    var byeFinal: Int?
    /// The status that ended the attempt; 0 while none came.
    var status = 0
    /// Whether any 18x came.
    var rang = false
    /// The route label of the INVITE that was passed on; 0 without one.
    var hint: UInt16 = 0

    init?(_ records: [ExchangeRecord]) {
        guard let first = records.firstIndex(where: { $0.isRequest(.invite) && $0.toTag == 0 && $0.isFirst }) else {
            return nil
        }
        self.firstInvite = first
        self.lastInvite =
            records.lastIndex { $0.isRequest(.invite) && $0.toTag == 0 && $0.isFirst && !$0.isSelf } ?? first
        let invite = records[self.lastInvite]
        for (place, record) in records.enumerated() where place > self.lastInvite {
            if record.isRequest(.invite), record.passage == .relayed, Int(record.original) == self.lastInvite {
                if self.inviteCopy == nil { self.inviteCopy = place }
                if record.hint != 0 { self.hint = record.hint }
            }
            guard record.isAnswer(to: .invite), record.cSeq == invite.cSeq, record.passage != .duplicate else {
                continue
            }
            if (180..<190).contains(record.status) { self.rang = true }
            guard record.bottomBranch == invite.bottomBranch, record.viaCount == invite.viaCount else { continue }
            if record.isProvisional, record.status > 100, self.firstRing == nil { self.firstRing = place }
            if record.isFinal, self.final == nil { self.final = place }
        }
        if self.hint == 0 { self.hint = invite.hint }
        if self.final == nil {
            // A capture of one side: whatever answer there is.
            self.final = records.indices.first {
                $0 > self.lastInvite && records[$0].isAnswer(to: .invite) && records[$0].isFinal
                    && records[$0].cSeq == invite.cSeq
            }
        }
        self.status = self.final.map { Int(records[$0].status) } ?? 0
        guard self.isAnswered else { return }
        self.readEnding(records, invite)
    }

    private mutating func readEnding(_ records: [ExchangeRecord], _ invite: ExchangeRecord) {
        self.ack = records.indices.first {
            $0 > self.lastInvite && records[$0].isRequest(.ack) && records[$0].cSeq == invite.cSeq
                && records[$0].toTag != 0
        }
        self.bye = records.indices.first { records[$0].isRequest(.bye) && records[$0].isFirst }
        guard let bye = self.bye else { return }
        let request = records[bye]
        let answers = records.indices.filter {
            $0 > bye && records[$0].isAnswer(to: .bye) && records[$0].isFinal && records[$0].cSeq == request.cSeq
                && records[$0].bottomBranch == request.bottomBranch
        }
        self.byeFinal = answers.first { records[$0].viaCount == request.viaCount } ?? answers.first
    }

    var isAnswered: Bool { (200..<300).contains(self.status) }

    /// Whether the attempt ended in the next hop's silence: no ringing, and a code that says so.
    var isDead: Bool { [500, 503, 504].contains(self.status) || (self.status == 408 && !self.rang) }

    // MARK: Times, in nanoseconds

    /// From the INVITE to the first ringing (RFC 6076 §4.3).
    func requestDelay(_ records: [ExchangeRecord]) -> Int64? {
        self.firstRing.map { records[$0].time - records[self.lastInvite].time }
    }

    /// From the INVITE to the answer.
    func setupTime(_ records: [ExchangeRecord]) -> Int64? {
        guard self.isAnswered, let final = self.final else { return nil }
        return records[final].time - records[self.lastInvite].time
    }

    /// From the answer to the hang-up (RFC 6076 §4.5).
    func duration(_ records: [ExchangeRecord]) -> Int64? {
        guard self.isAnswered, let final = self.final, let bye = self.bye else { return nil }
        return records[bye].time - records[final].time
    }

    /// From the hang-up to its confirmation (RFC 6076 §4.4).
    func disconnectDelay(_ records: [ExchangeRecord]) -> Int64? {
        guard let bye = self.bye, let final = self.byeFinal, records[final].isSuccess,
            records[final].viaCount == records[bye].viaCount
        else { return nil }
        return records[final].time - records[bye].time
    }

    /// How long the INVITE was in the server.
    func transit(_ records: [ExchangeRecord]) -> Int64? {
        self.inviteCopy.map { records[$0].time - records[self.lastInvite].time }
    }

    /// Whether it ended as it should: a BYE that was confirmed.
    func isCompleted(_ records: [ExchangeRecord]) -> Bool {
        self.byeFinal.map { records[$0].isSuccess } ?? false
    }
}
