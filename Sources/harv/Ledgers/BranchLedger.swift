import SIPKit
import SIPTrace

/// The branches that devices have used within five minutes, each with its call.
struct BranchLedger: Sendable, Codable {
    private var calls = GenerationTable<UInt64>(lifetime: 300_000_000_000, limit: 50_000)

    /// Whether this sender used the branch for another call already. Remembers it.
    mutating func isReused(_ record: ExchangeRecord, call: UInt64) -> Bool {
        self.calls.advance(to: record.time)
        var hash = IdentityHash(seed: record.topBranch)
        hash.mix(record.source)
        let known = self.calls[hash.value]
        if known == nil { self.calls[hash.value] = call }
        return known != nil && known != call
    }
}
