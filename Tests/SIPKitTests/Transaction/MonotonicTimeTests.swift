import SIPKit
import Testing

@Suite("Monotonic time")
struct MonotonicTimeTests {
    @Test("adds and subtracts durations to the nanosecond")
    func arithmetic() {
        let start = MonotonicTime(milliseconds: 1000)
        #expect(start + .milliseconds(500) == MonotonicTime(milliseconds: 1500))
        #expect(start + .nanoseconds(-1) == MonotonicTime(nanoseconds: 999_999_999))
        #expect(MonotonicTime(milliseconds: 1500) - start == .milliseconds(500))
        #expect(MonotonicTime(milliseconds: 1500).milliseconds(since: start) == 500)
        #expect(start.nanoseconds(since: MonotonicTime(milliseconds: 1500)) == -500_000_000)
    }

    @Test("stays at the ends of the scale instead of wrapping")
    func saturates() {
        #expect(MonotonicTime.distantFuture + .seconds(1) == .distantFuture)
        #expect(MonotonicTime.zero + .seconds(Int64.max) == .distantFuture)
        #expect(MonotonicTime(nanoseconds: .min) + .seconds(-1) == MonotonicTime(nanoseconds: .min))
        #expect(MonotonicTime(milliseconds: .max) == .distantFuture)
        #expect(MonotonicTime.distantFuture.nanoseconds(since: MonotonicTime(nanoseconds: -1)) == .max)
        #expect(Duration.seconds(Int64.min).wholeNanoseconds == .min)
    }
}
