import SIPKit

/// Calls that nobody took: whose registration had lapsed, who was off-line, who did not pick up.
struct AbsenceLedger: Sendable, Codable {
    /// Calls refused for a registration that had run out, and calls delivered although it had: a registrar that keeps
    /// bindings longer than it says does not lose calls.
    var lapsed = EvidenceList()
    private(set) var deliveredAnyway = 0
    var offline = EvidenceList()
    private(set) var missed: [UInt64: Int] = [:]
    private(set) var names: [UInt64: String] = [:]
    private(set) var missedCount = 0
    static let maxCallees = 20_000
    static let maxNames = 2_000

    mutating func note(_ context: CallContext, _ facts: CallFacts, _ registrations: RegistrationLedger, seed: UInt64) {
        let invite = context.records[facts.lastInvite]
        let isLocal = facts.inviteCopy == nil
        let isAbsent = facts.status == 404 || facts.status == 480
        let isMissed =
            isAbsent && isLocal || facts.status == 486 || facts.status == 600
            || (facts.rang && (facts.status == 487 || facts.status == 408 || facts.status == 480))
        guard isMissed || !registrations.bindings.isEmpty,
            let user = context.target
        else { return }
        if let binding = registrations[user], context.hasTimes {
            let ran = binding.lapse.map { $0.contains(invite.time) } ?? false
            let gone = binding.ends + 2_000_000_000 < invite.time
            if ran || gone {
                if isAbsent, isLocal {
                    let since = ran ? binding.lapse?.lowerBound ?? binding.ends : binding.ends
                    let length = (ran ? binding.lapse?.upperBound ?? invite.time : invite.time) - since
                    self.lapsed.add(
                        at: invite.time,
                        Evidence(
                            "\(context.callee(facts.lastInvite)) was unreachable for \(TimeText.span(length)) because its registration lapsed; a call at \(TimeText.clock(invite.time)) got \(facts.status).",
                            [invite.number]
                        ).of(context.callID, invite.time))
                    return
                }
                if !isLocal { self.deliveredAnyway += 1 }
            }
        }
        guard isMissed else { return }
        self.missedCount += 1
        if self.missed[user] != nil || self.missed.count < Self.maxCallees { self.missed[user, default: 0] += 1 }
        if self.names[user] == nil, self.names.count < Self.maxNames {
            self.names[user] = context.callee(facts.lastInvite)
        }
        if isAbsent, isLocal {
            self.offline.add(
                at: invite.time,
                Evidence(
                    "\(context.caller(facts.lastInvite)) called \(context.callee(facts.lastInvite)) at \(TimeText.clock(invite.time)), who was not registered (\(facts.status)).",
                    [invite.number]
                ).of(context.callID, invite.time))
        }
    }

    /// Who missed most calls.
    var worst: [(name: String, calls: Int)] {
        self.missed.compactMap { user, calls in self.names[user].map { ($0, calls) } }
            .sorted { ($1.1, $0.0) < ($0.1, $1.0) }.prefix(5).map { (name: $0.0, calls: $0.1) }
    }
}
