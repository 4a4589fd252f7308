import SIPKit
import Testing

@Suite("Transaction timers")
struct TransactionTimersTests {
    @Test("all follow from T1, as the RFC has them")
    func fromT1() {
        let timers = TransactionTimers(t1: .milliseconds(100))
        #expect(timers.requestTimeout == .milliseconds(6_400))
        #expect(timers.ackTimeout == .milliseconds(6_400))
        #expect(timers.linger == .milliseconds(6_400))
        #expect(TransactionTimers(t1: .milliseconds(500)) == TransactionTimers())
    }

    @Test("are compared and multiplied as numbers")
    func intervals() {
        #expect(TimerInterval.milliseconds(500) * 64 == .seconds(32))
        #expect(TimerInterval.zero < .milliseconds(1))
        #expect(TimerInterval.seconds(2).nanoseconds == 2_000_000_000)
    }

    @Test("a list of actions holds eight and drops what is more, rather than trap")
    func actionList() {
        var list = TransactionActions()
        for _ in 0..<20 { list.append(.sendAck) }
        #expect(list.count == 8)
        list.clear()
        #expect(list.list == [])
    }
}
