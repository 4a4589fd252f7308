import Glibc
import SIPKit

/// Tells the time to code that must not know where it comes from.
public protocol MonotonicClock {
    func now() -> MonotonicTime
}

/// The machine's clocks. A loop reads `now()` once a batch and hands it to everything that the batch causes.
public struct SystemClock: MonotonicClock, Sendable {
    public init() {}

    /// CLOCK_MONOTONIC: about 20 ns a reading.
    @inline(__always)
    public func now() -> MonotonicTime { MonotonicTime(nanoseconds: Self.read(CLOCK_MONOTONIC)) }

    /// As of the kernel's last tick: up to 4 ms old, and a quarter of the cost.
    public func coarseNow() -> MonotonicTime { MonotonicTime(nanoseconds: Self.read(CLOCK_MONOTONIC_COARSE)) }

    /// The date, in nanoseconds since 1970 (UTC). It can jump; nothing waits for it.
    public func unixNanoseconds() -> Int64 { Self.read(CLOCK_REALTIME) }

    /// The moment of a date, for stamps that the kernel wrote. Both clocks are read together, several times where the
    /// reader is interrupted in between, and the closest pair counts.
    ///
    /// - Parameter nanoseconds: since 1970.
    public func moment(ofDate nanoseconds: Int64) -> MonotonicTime {
        var best = Int64.max
        var offset: Int64 = 0
        for _ in 0..<4 {
            let before = Self.read(CLOCK_MONOTONIC)
            let date = Self.read(CLOCK_REALTIME)
            let width = Self.read(CLOCK_MONOTONIC) - before
            guard width < best else { continue }
            best = width
            offset = before + width / 2 - date
            if width < 1_000 { break }
        }
        return MonotonicTime(nanoseconds: nanoseconds &+ offset)
    }

    /// The date, in seconds since 1970 (UTC).
    public func unixSeconds() -> Int64 { self.unixNanoseconds() / 1_000_000_000 }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
