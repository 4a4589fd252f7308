import SIPKit
import SIPNet
import Testing

@Suite("Clocks")
struct ClockTests {
    @Test("the system's clock does not go back, and the date is one of this century")
    func system() {
        let clock = SystemClock()
        let first = clock.now()
        #expect(clock.now() >= first)
        #expect(clock.coarseNow().nanoseconds > 0)
        #expect((946_684_800...4_102_444_800).contains(clock.unixSeconds()))
    }

    @Test("a manual clock goes when it is moved, and never back")
    func manual() {
        let clock = ManualClock(MonotonicTime(milliseconds: 5))
        clock.advance(by: .milliseconds(10))
        #expect(clock.now() == MonotonicTime(milliseconds: 15))
        clock.advance(by: .milliseconds(-10))
        clock.advance(to: .zero)
        #expect(clock.now() == MonotonicTime(milliseconds: 15))
        clock.advance(to: MonotonicTime(milliseconds: 20))
        #expect(clock.now() == MonotonicTime(milliseconds: 20))
    }
}
