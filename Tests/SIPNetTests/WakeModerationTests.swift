import SIPKit
import Testing

@testable import SIPNet

@Suite("A pause before reading")
struct WakeModerationTests {
    /// A loop that serves everything within no time, and what its datagrams had to wait.
    private struct Loop {
        var wakes = 0
        var paused = 0
        var longest: Int64 = 0

        /// - Parameter arrivals: when datagrams come, in nanoseconds, in order.
        init(_ arrivals: [Int64], microseconds: Int = 300) {
            var moderation = WakeModeration(microseconds: microseconds, now: .zero)
            var now: Int64 = 0
            var next = 0
            while next < arrivals.count {
                let waited = max(0, arrivals[next] - now)
                now = max(now, arrivals[next])
                self.wakes += 1
                if let pause = moderation.pause(waited: waited, now: MonotonicTime(nanoseconds: now)) {
                    now += pause
                    self.paused += 1
                }
                let first = next
                self.longest = max(self.longest, now - arrivals[first])
                while next < arrivals.count, arrivals[next] <= now { next += 1 }
                moderation.note(next - first)
            }
        }
    }

    private static let seconds = 5

    /// One datagram each so many nanoseconds.
    private static func evenly(_ distance: Int64) -> [Int64] {
        Array(stride(from: distance, through: Int64(Self.seconds) * 1_000_000_000, by: Int64.Stride(distance)))
    }

    @Test("many that come one by one come together")
    func dense() {
        let arrivals = Self.evenly(50_000)
        let (with, without) = (Loop(arrivals), Loop(arrivals, microseconds: 0))
        #expect(without.wakes == arrivals.count)
        // The first second is looked at only.
        #expect(with.wakes * 2 < without.wakes)
        #expect(with.longest == 300_000)
    }

    @Test("few are never made to wait", arguments: [1_100_000, 5_000_000, 100_000_000] as [Int64])
    func sparse(distance: Int64) { #expect(Loop(Self.evenly(distance)).paused == 0) }

    @Test("where a pause brings too few more, there is one only while that is tried")
    func useless() {
        // 2,500 a second: a pause of 300 µs brings none.
        let loop = Loop(Self.evenly(400_000))
        #expect(loop.paused > 0)
        #expect(loop.paused <= Self.seconds * WakeModeration.trial)
    }

    @Test("what comes in bunches is not made to wait for more")
    func bunches() {
        let bunches = Self.evenly(5_000_000).flatMap { [Int64](repeating: $0, count: 14) }
        #expect(Loop(bunches).paused <= Self.seconds * WakeModeration.trial)
    }

    @Test("a loop that finds work without sleeping goes on at once")
    func busy() {
        var moderation = WakeModeration(microseconds: 300, now: .zero)
        for turn in 1...10_000 {
            moderation.note(5)
            let now = MonotonicTime(nanoseconds: Int64(turn) * 100_000)
            #expect(moderation.pause(waited: 2_000, now: now) == nil)
        }
    }
}
