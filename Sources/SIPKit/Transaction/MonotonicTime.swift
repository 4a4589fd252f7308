/// A point in time, in nanoseconds since a beginning that nobody needs to know: it only goes forward, and says nothing of
/// the date. Whoever holds a clock hands it in; nothing in SIPKit reads one.
///
/// Sums stay at the ends of the scale instead of wrapping: they are 292 years away.
public struct MonotonicTime: Hashable, Comparable, Sendable {
    public var nanoseconds: Int64

    @inlinable
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    @inlinable
    public init(milliseconds: Int64) { self = MonotonicTime.zero.adding(milliseconds: milliseconds) }

    public static let zero = MonotonicTime(nanoseconds: 0)
    public static let distantFuture = MonotonicTime(nanoseconds: .max)

    @inlinable
    public static func < (earlier: Self, later: Self) -> Bool { earlier.nanoseconds < later.nanoseconds }

    @inlinable
    public func adding(nanoseconds: Int64) -> MonotonicTime {
        let (sum, overflow) = self.nanoseconds.addingReportingOverflow(nanoseconds)
        return MonotonicTime(nanoseconds: overflow ? (nanoseconds < 0 ? .min : .max) : sum)
    }

    @inlinable
    public func adding(milliseconds: Int64) -> MonotonicTime {
        let (product, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        return self.adding(nanoseconds: overflow ? (milliseconds < 0 ? .min : .max) : product)
    }

    /// How many nanoseconds have passed since `earlier`; negative when it is later.
    @inlinable
    public func nanoseconds(since earlier: MonotonicTime) -> Int64 {
        let (difference, overflow) = self.nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        return overflow ? (self < earlier ? .min : .max) : difference
    }

    @inlinable
    public func milliseconds(since earlier: MonotonicTime) -> Int64 { self.nanoseconds(since: earlier) / 1_000_000 }
}

extension MonotonicTime {
    public static func + (time: Self, duration: Duration) -> Self {
        time.adding(nanoseconds: duration.wholeNanoseconds)
    }

    public static func - (later: Self, earlier: Self) -> Duration {
        .nanoseconds(later.nanoseconds(since: earlier))
    }
}

extension Duration {
    /// As a count of nanoseconds, at the ends of the scale for what does not fit.
    public var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = self.components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        return MonotonicTime(nanoseconds: product).adding(nanoseconds: attoseconds / 1_000_000_000).nanoseconds
    }
}
