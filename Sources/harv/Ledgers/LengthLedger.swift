import SIPKit

/// How long answered calls lasted, to the second, and which side hung up.
struct LengthLedger: Sendable, Codable {
    struct Bin: Sendable, Equatable, Codable {
        var byCaller = 0
        var byCallee = 0
        var all: Int { self.byCaller + self.byCallee }
    }

    static let maxSeconds = 14_400
    private(set) var bins: [Int: Bin] = [:]

    mutating func note(_ facts: CallFacts, _ records: [ExchangeRecord]) {
        guard let length = facts.duration(records), length >= 0, let bye = facts.bye else { return }
        let second = Int((length + 500_000_000) / 1_000_000_000)
        guard second <= Self.maxSeconds else { return }
        if records[bye].fromTag == records[facts.lastInvite].fromTag {
            self.bins[second, default: Bin()].byCaller += 1
        } else {
            self.bins[second, default: Bin()].byCallee += 1
        }
    }

    /// Seconds with twenty calls and more, over three times their neighbours, always hung up by the same side.
    var peaks: [(seconds: Int, calls: Int, byCaller: Bool)] {
        self.bins.filter { $0.value.all >= 20 }.sorted { $0.key < $1.key }.compactMap { second, bin in
            let near = [-5, -4, -3, -2, 2, 3, 4, 5].map { self.bins[second + $0]?.all ?? 0 }
            let usual = Double(near.reduce(0, +)) / Double(near.count)
            let most = max(bin.byCaller, bin.byCallee)
            guard second > 0, Double(bin.all) > 3 * max(1, usual), most * 20 >= bin.all * 19 else { return nil }
            return (second, bin.all, bin.byCaller > bin.byCallee)
        }
    }
}
