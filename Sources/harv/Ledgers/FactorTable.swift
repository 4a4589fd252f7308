import Glibc
import SIPKit

/// What calls may have in common: who sent them, with what, where to, when.
enum Factor: Hashable, Sendable, Codable {
    case callerAgent(UInt32)
    case calleeAgent(UInt32)
    /// The first 24 bits of the caller's address (48 in IPv6).
    case network(IPAddress)
    case hop(SocketAddress)
    case label(UInt16)
    case hour(Int)
    case transport(TransportProtocol)
    /// An INVITE over 1300 bytes.
    case large
}

/// How many calls have each factor, and how many of those were answered and were short.
struct FactorTable: Sendable, Codable {
    struct Tally: Sendable, Equatable, Codable {
        var calls = 0
        var answered = 0
        /// Answered and over within five seconds.
        var short = 0
    }

    static let maxFactors = 50_000
    private(set) var tallies: [Factor: Tally] = [:]
    private(set) var all = Tally()

    mutating func note(_ factors: [Factor], _ facts: CallFacts, _ records: [ExchangeRecord]) {
        let length = facts.duration(records)
        let isShort = length.map { $0 < 5_000_000_000 } ?? false
        self.all.calls += 1
        if length != nil { self.all.answered += 1 }
        if isShort { self.all.short += 1 }
        for factor in factors {
            guard self.tallies.count < Self.maxFactors || self.tallies[factor] != nil else { continue }
            Self.count(&self.tallies[factor, default: Tally()], isAnswered: length != nil, isShort: isShort)
        }
    }

    private static func count(_ tally: inout Tally, isAnswered: Bool, isShort: Bool) {
        tally.calls += 1
        if isAnswered { tally.answered += 1 }
        if isShort { tally.short += 1 }
    }

    /// What the calls a rule speaks of have in common and the others have not (DIAGNOSIS O9): held by four in five of
    /// them, by two in five of the rest at most, and no chance (Fisher's exact test below 0.001).
    func common(_ hits: [Factor: Int], of count: Int) -> (factor: Factor, share: Double)? {
        guard count >= 10, self.all.calls > count else { return nil }
        var best: (factor: Factor, share: Double, rest: Double)? = nil
        for (factor, held) in hits {
            let share = Double(held) / Double(count)
            let others = max(0, (self.tallies[factor]?.calls ?? held) - held)
            let rest = Double(others) / Double(self.all.calls - count)
            guard share >= 0.8, rest <= 0.4 else { continue }
            if let best, (best.share - best.rest) >= share - rest { continue }
            let chance = Self.fisher(held, count - held, others, self.all.calls - count - others)
            if chance < 0.001 { best = (factor, share, rest) }
        }
        return best.map { ($0.factor, $0.share) }
    }

    /// The probability of `a` or more in the first cell of a table with the margins of `a b / c d`.
    static func fisher(_ a: Int, _ b: Int, _ c: Int, _ d: Int) -> Double {
        guard a >= 0, b >= 0, c >= 0, d >= 0 else { return 1 }
        func logFactorial(_ number: Int) -> Double { lgamma(Double(number) + 1) }
        let (row, column, all) = (a + b, a + c, a + b + c + d)
        let fixed =
            logFactorial(row) + logFactorial(all - row) + logFactorial(column) + logFactorial(all - column)
            - logFactorial(all)
        var sum = 0.0
        for first in a...max(a, min(row, column)) {
            let (second, third) = (row - first, column - first)
            let fourth = all - row - third
            guard second >= 0, third >= 0, fourth >= 0 else { continue }
            sum += exp(
                fixed - logFactorial(first) - logFactorial(second) - logFactorial(third) - logFactorial(fourth))
        }
        return min(1, sum)
    }
}

extension CallContext {
    /// The factors of this conversation's call; empty without one.
    func readFactors() -> [Factor] {
        guard let facts = self.facts else { return [] }
        let invite = self.records[facts.lastInvite]
        var factors: [Factor] = [.transport(invite.transport), .network(Self.network(invite.source.ip))]
        if invite.agent != 0 { factors.append(.callerAgent(invite.agent)) }
        if let copy = facts.inviteCopy {
            factors.append(.hop(self.records[copy].destination))
            let answer = self.records.first {
                $0.isAnswer(to: .invite) && $0.source == self.records[copy].destination && $0.agent != 0
            }
            if let answer { factors.append(.calleeAgent(answer.agent)) }
        }
        if facts.hint != 0 { factors.append(.label(facts.hint)) }
        if self.hasTimes { factors.append(.hour(TimeText.fields(invite.time).hour)) }
        if invite.length > 1300 { factors.append(.large) }
        return factors
    }

    private static func network(_ address: IPAddress) -> IPAddress {
        address.family == .v4
            ? IPAddress(v4: UInt32(truncatingIfNeeded: address.low) & 0xFFFF_FF00)
            : IPAddress(v6: address.high & 0xFFFF_FFFF_FFFF_0000, 0)
    }
}
