public import SIPKit

/// Decides when a loop that was woken had better wait a moment longer, so that it is woken less often: what network cards
/// call interrupt moderation.
///
/// A sleeping core that is woken for one datagram spends more on waking, and on fetching its code and tables again, than on
/// the datagram. Where many come one by one, a pause of some hundred microseconds lets them come together.
///
/// Whether that helps depends on how they come, so it is tried. In each ``window`` the first wakes go without a pause and the
/// next with one; the pause stays for the rest of the window when it has at least doubled what a wake brings. Datagrams that
/// come in bunches anyhow, a loop that is never idle, and few datagrams are never made to wait.
///
/// ```swift
/// let events = loop.wait(until: deadline, now: before)
/// if let pause = moderation.pause(waited: …, now: now) { sleep(pause) }
/// …
/// moderation.note(batch.count)
/// ```
public struct WakeModeration: Sendable {
    /// Nanoseconds in which the pattern is taken to stay as it is.
    static let window: Int64 = 1_000_000_000
    /// Datagrams a second below which nothing waits.
    static let busyRate: Int64 = 1_000
    /// How many wakes are counted without a pause, and how many with one.
    static let trial = 16
    /// A wait shorter than this was none: there was work already.
    static let shortestSleep: Int64 = 10_000

    private enum Phase { case plain, trialWithout, trialWith, pausing }

    /// Nanoseconds of a pause; 0 for never.
    private let length: Int64
    private var phase = Phase.plain
    private var start: MonotonicTime
    private var datagrams = 0
    private var wakes = 0
    /// Datagrams of the trial at hand, and of the one before it.
    private var brought = 0
    private var broughtWithout = 0

    /// - Parameter microseconds: the length of a pause; 0 for never.
    public init(microseconds: Int, now: MonotonicTime) {
        self.length = Int64(clamping: microseconds) &* 1_000
        self.start = now
    }

    /// Notes how many datagrams a turn of the loop has served.
    @inline(__always)
    public mutating func note(_ count: Int) {
        self.datagrams &+= count
        self.brought &+= count
    }

    /// To be asked when the loop was woken by datagrams and before it reads them.
    ///
    /// - Parameter waited: how long the loop had been waiting, in nanoseconds.
    /// - Returns: how many nanoseconds to wait on; `nil` for not at all.
    public mutating func pause(waited: Int64, now: MonotonicTime) -> Int64? {
        guard self.length > 0, waited >= Self.shortestSleep else { return nil }
        let elapsed = now.nanoseconds(since: self.start)
        if elapsed >= Self.window {
            let isBusy = Int64(self.datagrams) &* 1_000_000_000 / elapsed >= Self.busyRate
            self.start = now
            self.datagrams = 0
            self.enter(isBusy ? .trialWithout : .plain)
        }
        switch self.phase {
        case .plain: return nil
        case .pausing: return self.length
        case .trialWithout:
            guard self.wakes == Self.trial else { break }
            self.broughtWithout = self.brought
            self.enter(.trialWith)
        case .trialWith:
            guard self.wakes == Self.trial else { break }
            self.enter(self.brought >= 2 &* self.broughtWithout ? .pausing : .plain)
            return self.phase == .pausing ? self.length : nil
        }
        self.wakes &+= 1
        return self.phase == .trialWith ? self.length : nil
    }

    private mutating func enter(_ phase: Phase) {
        self.phase = phase
        self.wakes = 0
        self.brought = 0
    }
}
