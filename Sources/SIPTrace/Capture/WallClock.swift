// libpcap's header brings `timespec` into this module's view; the compiler wants to see it named as its origin.
import CPcap
import Glibc

/// The time of day, for what arrives without a time of its own.
enum WallClock {
    /// Nanoseconds since 1970.
    static func now() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) &* 1_000_000_000 &+ Int64(now.tv_nsec)
    }
}
