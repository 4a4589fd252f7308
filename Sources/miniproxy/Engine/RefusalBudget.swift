import SIPKit

/// How many refusals of broken requests one address gets: twenty a second.
///
/// A datagram's source may be forged, so every answer to nonsense is something that a stranger can have sent to
/// somebody else. A table of fixed size: who meets in one place shares the budget.
struct RefusalBudget {
    static let perSecond: UInt32 = 20
    private static let size = 1024

    private struct Entry: BitwiseCopyable {
        var second: Int64 = -1
        var count: UInt32 = 0
    }

    private let secret: KeyedHash
    private var entries: [Entry]

    init(secret: KeyedHash) {
        self.secret = secret
        self.entries = Array(repeating: Entry(), count: Self.size)
    }

    /// Takes one out of the budget of an address; `false` when there is none left in this second.
    mutating func allows(_ source: IPAddress, at now: MonotonicTime) -> Bool {
        var hash = self.secret
        hash.combine(source.high)
        hash.combine(source.low)
        let place = Int(truncatingIfNeeded: hash.value.low % UInt64(Self.size))
        let second = now.nanoseconds / 1_000_000_000
        if self.entries[place].second != second { self.entries[place] = Entry(second: second, count: 0) }
        guard self.entries[place].count < Self.perSecond else { return false }
        self.entries[place].count += 1
        return true
    }
}
