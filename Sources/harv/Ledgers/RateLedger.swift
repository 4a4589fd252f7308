import SIPKit
import SIPTrace

/// How many registrations began in each minute, and from how many addresses.
struct RateLedger: Sendable, Codable {
    struct Minute: Sendable, Equatable, Codable {
        var requests: UInt32 = 0
        /// Counted up to ``maxSources``.
        var sources: UInt16 = 0
    }

    static let maxMinutes = 50_000
    static let maxSources = 1_000
    private(set) var minutes: [Int64: Minute] = [:]
    /// Hashes of the addresses of the minute at hand.
    private var sources = KeyTable<KeyOnly>()
    private var seed = UInt64.random(in: 1...UInt64.max)
    private var sourceMinute: Int64 = .min

    mutating func note(_ context: CallContext) {
        guard let first = context.records.first(where: { $0.isRequest(.register) }) else { return }
        let minute = first.time / 60_000_000_000
        guard self.minutes.count < Self.maxMinutes || self.minutes[minute] != nil else { return }
        self.minutes[minute, default: Minute()].requests &+= 1
        if minute != self.sourceMinute {
            self.sourceMinute = minute
            self.sources.removeAll(keepingCapacity: true)
        }
        var hash = IdentityHash(seed: self.seed)
        hash.mix(SocketAddress(first.source.ip, 0))
        guard self.sources.count < Self.maxSources, self.sources.insert(hash.value, KeyOnly()) else { return }
        self.minutes[minute, default: Minute()].sources &+= 1
    }

    /// Minutes with more than five times the median of the hour around them, from more than fifty addresses.
    var storms: [(minute: Int64, requests: Int, sources: Int, usual: Int)] {
        guard let first = self.minutes.keys.min(), let last = self.minutes.keys.max(), last - first >= 10 else {
            return []
        }
        return self.minutes.filter { $0.value.sources > 50 }.sorted { $0.key < $1.key }.compactMap { minute, entry in
            let around = (max(first, minute - 30)...min(last, minute + 30)).map {
                Int(self.minutes[$0]?.requests ?? 0)
            }.sorted()
            let usual = around[around.count / 2]
            guard around.count >= 10, Int(entry.requests) > 5 * max(1, usual) else { return nil }
            return (minute, Int(entry.requests), Int(entry.sources), usual)
        }
    }
}
