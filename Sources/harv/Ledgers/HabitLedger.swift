import SIPKit

/// How the server and the phones usually do things: early sound, repeats, challenges.
struct HabitLedger: Sendable, Codable {
    // Early media (RFC 3960).
    var ringing = 0
    var progressWithSession = 0
    var ringingWithSession = 0
    var reliable = 0
    /// 183 with a session, then 180 without.
    var mixed = EvidenceList()
    // Repeats that came in, and those that were passed on as repeats.
    var repeatsIn = 0
    var repeatsForwarded = 0
    var localTrying = 0
    // Challenges, and those for a nonce that had become stale.
    var challenges = 0
    var stale = 0
    /// Time in the server of requests with a login, and of everything else that was passed on.
    var withLogin = Distribution()
    var withoutLogin = Distribution()

    mutating func note(_ context: CallContext) {
        if context.conversation.hasRepeats { self.noteRepeats(context) }
        if let facts = context.facts { self.noteEarlyMedia(context, facts) }
        for place in context.records.indices {
            let record = context.records[place]
            if record.status == 100, context.isOut(record) { self.localTrying += 1 }
            if record.status == 401 || record.status == 407, record.isFirst, context.isOut(record) {
                self.challenges += 1
                if record.traits.contains(.isStale) { self.stale += 1 }
            }
            if context.hasTimes, record.passage == .relayed, Int(record.original) != place {
                let transit = record.time - context.records[Int(record.original)].time
                if record.isRequest, record.traits.contains(.hasCredentials), record.method != .ack {
                    self.withLogin.add(transit)
                } else {
                    self.withoutLogin.add(transit)
                }
            }
        }
    }

    private mutating func noteRepeats(_ context: CallContext) {
        for place in context.records.indices {
            let record = context.records[place]
            guard record.passage == .repeated, record.isRequest, context.isIn(record) else { continue }
            self.repeatsIn += 1
            let forwarded = context.records[(place + 1)...].prefix(12).contains {
                $0.passage == .repeated && $0.endToEnd == record.endToEnd && context.isOut($0)
                    && $0.time - record.time < 50_000_000
            }
            if forwarded { self.repeatsForwarded += 1 }
        }
    }

    private mutating func noteEarlyMedia(_ context: CallContext, _ facts: CallFacts) {
        var early: Int? = nil
        var plain: Int? = nil
        var hasRinging = false
        var hasRingingSession = false
        for place in context.records.indices {
            let record = context.records[place]
            guard record.isAnswer(to: .invite), (180..<190).contains(record.status), record.isFirst else { continue }
            if record.status == 180 {
                hasRinging = true
                if record.traits.contains(.hasSession) {
                    hasRingingSession = true
                } else if early != nil {
                    plain = place
                }
            } else if record.status == 183, record.traits.contains(.hasSession), early == nil {
                early = place
            }
        }
        if hasRinging { self.ringing += 1 }
        if early != nil { self.progressWithSession += 1 }
        if hasRingingSession { self.ringingWithSession += 1 }
        if context.conversation.has(.prack) { self.reliable += 1 }
        if let early, let plain {
            self.mixed.add(
                at: context.records[early].time,
                Evidence(
                    "\(context.agent(early)) sent sound of its own (183), then 180 without: some phones stop the far tone there.",
                    [context.number(early), context.number(plain)], severity: facts.isAnswered ? .notice : .warning
                ).of(context.callID, context.records[early].time))
        }
    }
}
