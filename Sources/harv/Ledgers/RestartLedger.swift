import SIPKit
import SIPTrace

/// What tells a restart of the server besides its own words: calls that it has forgotten, and phones that all come at once.
struct RestartLedger: Sendable, Codable {
    /// The server's own 481 to a BYE.
    struct Lost: Sendable, Equatable, Codable {
        var time: Int64
        /// When the call was answered; `nil` when that was before the trace.
        var answered: Int64?
    }
    /// A silence that looks like a restart, with what came behind it.
    struct Restart: Sendable, Equatable {
        var silence: StallWatch.Stall
        /// The most REGISTER and OPTIONS in ten seconds, and how many are usual.
        var arrivals: Int
        var usual: Int
        var lost: Int
    }

    static let maxLost = 5_000
    static let maxSlots = 100_000
    /// REGISTER and OPTIONS are counted in slots of ten seconds.
    static let slot: Int64 = 10_000_000_000
    /// Three calls at least, within two minutes behind the silence; phones come within the first of them.
    static let leastLost = 3
    static let aftermath: Int64 = 120_000_000_000
    private(set) var lost: [Lost] = []
    private(set) var arrivals: [Int64: Int] = [:]

    mutating func note(_ context: CallContext) {
        if let first = context.records.first, first.isRequest(.register) || first.isRequest(.options),
            !context.isOut(first)
        {
            self.arrive(at: first.time)
        }
        guard context.conversation.marks.contains(.byeRefused) else { return }
        // The first sight of an answer that was passed on is on its way in.
        let refusal = context.records.first {
            $0.status == 481 && $0.isAnswer(to: .bye) && $0.isFirst && context.isOut($0)
        }
        guard let refusal else { return }
        let answer = context.records.first { $0.isAnswer(to: .invite) && $0.isSuccess && $0.isFirst }
        self.lose(Lost(time: refusal.time, answered: answer?.time))
    }

    mutating func arrive(at time: Int64) {
        let slot = time / Self.slot
        guard self.arrivals[slot] != nil || self.arrivals.count < Self.maxSlots else { return }
        self.arrivals[slot, default: 0] += 1
    }

    mutating func lose(_ call: Lost) {
        if self.lost.count < Self.maxLost { self.lost.append(call) }
    }

    /// The silences behind which phones came three times as fast as usual, and calls from before were unknown.
    func restarts(_ silences: [StallWatch.Stall]) -> [Restart] {
        guard self.lost.count >= Self.leastLost else { return [] }
        return silences.compactMap { silence in
            let (start, end) = (silence.start, silence.start + silence.length)
            let lost = self.lost.count {
                $0.time > end && $0.time - end <= Self.aftermath && ($0.answered ?? .min) < start
            }
            // Where 481 is usual, it tells nothing.
            let before = self.lost.count { $0.time <= start && start - $0.time <= Self.aftermath }
            guard lost >= Self.leastLost, lost > 3 * before, let (arrivals, usual) = self.burst(start, end),
                arrivals >= 5, arrivals >= 3 * usual
            else { return nil }
            return Restart(silence: silence, arrivals: arrivals, usual: usual, lost: lost)
        }
    }

    /// The fullest slot of the silence and of the minute behind it, and the median of the half hours around; `nil` where
    /// nothing is known of what is usual.
    private func burst(_ start: Int64, _ end: Int64) -> (most: Int, usual: Int)? {
        guard let first = self.arrivals.keys.min(), let last = self.arrivals.keys.max() else { return nil }
        let slots = start / Self.slot...(end + Self.aftermath / 2) / Self.slot
        let around = max(first, slots.lowerBound - 180)...max(first, min(last, slots.upperBound + 180))
        let others = around.filter { !slots.contains($0) }.map { self.arrivals[$0] ?? 0 }.sorted()
        guard others.count >= 12, let most = slots.map({ self.arrivals[$0] ?? 0 }).max() else { return nil }
        return (most, others[others.count / 2])
    }
}
