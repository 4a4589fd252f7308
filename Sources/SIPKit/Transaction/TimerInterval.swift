/// A time span in nanoseconds, in one machine word.
///
/// `Duration` is 128 bits wide and a division away from anything a timer can use; a call arms a dozen timers.
@frozen
public struct TimerInterval: Hashable, Comparable, Sendable, BitwiseCopyable {
    public var nanoseconds: Int64

    @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
    @inlinable public static func milliseconds(_ count: Int64) -> TimerInterval {
        TimerInterval(nanoseconds: count &* 1_000_000)
    }
    @inlinable public static func seconds(_ count: Int64) -> TimerInterval { .milliseconds(count &* 1_000) }
    public static let zero = TimerInterval(nanoseconds: 0)

    @inlinable
    public static func < (left: TimerInterval, right: TimerInterval) -> Bool { left.nanoseconds < right.nanoseconds }
    @inlinable
    public static func * (left: TimerInterval, factor: Int64) -> TimerInterval {
        TimerInterval(nanoseconds: left.nanoseconds &* factor)
    }
}
