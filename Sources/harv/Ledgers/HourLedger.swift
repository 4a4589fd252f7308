import SIPKit

/// Attempts and answered calls by hour and by route.
struct HourLedger: Sendable, Codable {
    struct Key: Hashable, Sendable, Codable {
        var hour: Int64
        /// The route label; `nil` for all routes together.
        var hint: UInt16?
    }
    struct Tally: Sendable, Equatable, Codable {
        var tried = 0
        var answered = 0
    }

    static let maxEntries = 50_000
    private(set) var entries: [Key: Tally] = [:]

    mutating func note(_ context: CallContext, _ facts: CallFacts) {
        // Redirections are neither success nor failure (RFC 6076 §4.6).
        guard facts.status / 100 != 3 else { return }
        let hour = context.records[facts.firstInvite].time / 3_600_000_000_000
        self.add(Key(hour: hour, hint: nil), facts)
        if facts.inviteCopy != nil { self.add(Key(hour: hour, hint: facts.hint), facts) }
    }

    private mutating func add(_ key: Key, _ facts: CallFacts) {
        guard self.entries[key] != nil || self.entries.count < Self.maxEntries else { return }
        self.entries[key, default: Tally()].tried += 1
        if facts.isAnswered { self.entries[key, default: Tally()].answered += 1 }
    }
}
