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
    struct Restart: Sendable, Equatable, Codable {
        var silence: StallWatch.Stall
        /// The most REGISTER and OPTIONS in ten seconds, and how many are usual.
        var arrivals: Int
        var usual: Int
        var lost: Int
    }

    /// REGISTER and OPTIONS of one slot, or of a part of it.
    private struct Arrivals: Codable {
        var slot: Int64
        var count: Int
    }

    static let maxLost = 5_000
    static let maxSlots = 100_000
    /// REGISTER and OPTIONS are counted in slots of ten seconds.
    static let slot: Int64 = 10_000_000_000
    /// Three calls at least, within two minutes behind the silence; phones come within the first of them.
    static let leastLost = 3
    static let aftermath: Int64 = 120_000_000_000
    /// What was silent for longer was away, or its times are wrong.
    static let longestSilence: Int64 = 600_000_000_000
    private(set) var lost: [Lost] = []
    /// In the order in which conversations ended; a slot may be there several times.
    private var arrivals: [Arrivals] = []

    mutating func note(_ context: CallContext) {
        if context.conversation.has(.register) || context.conversation.has(.options), !context.records.isEmpty,
            context.records[0].isRequest,
            context.records[0].method == .register || context.records[0].method == .options,
            !context.isOut(context.records[0])
        {
            self.arrive(at: context.records[0].time)
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
        if let last = self.arrivals.indices.last, self.arrivals[last].slot == slot {
            self.arrivals[last].count += 1
        } else if self.arrivals.count < Self.maxSlots {
            self.arrivals.append(Arrivals(slot: slot, count: 1))
        }
    }

    mutating func lose(_ call: Lost) {
        if self.lost.count < Self.maxLost { self.lost.append(call) }
    }

    /// The silences behind which phones came three times as fast as usual, and calls from before were unknown.
    func restarts(_ silences: [StallWatch.Stall]) -> [Restart] {
        guard self.lost.count >= Self.leastLost else { return [] }
        var arrivals: [Int64: Int] = [:]
        for some in self.arrivals { arrivals[some.slot, default: 0] += some.count }
        return silences.compactMap { silence in
            guard silence.length <= Self.longestSilence else { return nil }
            let (start, end) = (silence.start, silence.start + silence.length)
            let lost = self.lost.count {
                $0.time > end && $0.time - end <= Self.aftermath && ($0.answered ?? .min) < start
            }
            // Where 481 is usual, it tells nothing.
            let before = self.lost.count { $0.time <= start && start - $0.time <= Self.aftermath }
            guard lost >= Self.leastLost, lost > 3 * before, let (most, usual) = Self.burst(arrivals, start, end),
                most >= 5, most >= 3 * usual
            else { return nil }
            return Restart(silence: silence, arrivals: most, usual: usual, lost: lost)
        }
    }

    /// The fullest slot of the silence and of the minute behind it, and the median of the half hours around; `nil` where
    /// nothing is known of what is usual.
    private static func burst(
        _ arrivals: [Int64: Int], _ start: Int64, _ end: Int64
    ) -> (most: Int, usual: Int)? {
        guard let first = arrivals.keys.min(), let last = arrivals.keys.max() else { return nil }
        let slots = start / slot...(end + aftermath / 2) / slot
        let (from, to) = (max(first, slots.lowerBound - 180), min(last, slots.upperBound + 180))
        guard from <= to else { return nil }
        let others = (from...to).filter { !slots.contains($0) }.map { arrivals[$0] ?? 0 }.sorted()
        guard others.count >= 12, let most = slots.map({ arrivals[$0] ?? 0 }).max() else { return nil }
        return (most, others[others.count / 2])
    }
}
