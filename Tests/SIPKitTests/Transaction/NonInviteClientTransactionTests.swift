import SIPKit
import Testing

@Suite("Client transaction of other requests (RFC 3261 §17.1.2)")
struct NonInviteClientTransactionTests {
    let timers = TransactionTimers()

    private func begin(over isReliable: Bool) -> (NonInviteClientTransaction, [TransactionAction]) {
        var list = TransactionActions()
        let transaction = NonInviteClientTransaction(over: isReliable, self.timers, &list)
        return (transaction, list.list)
    }

    @Test("over UDP resends at T1, 2·T1 … up to T2, and gives up at 64·T1: eleven times in all")
    func resends() {
        var (transaction, begun) = self.begin(over: false)
        #expect(begun == [.sendRequest, .start(.e, after: .milliseconds(500)), .start(.f, after: .seconds(32))])
        var sent = 1
        var now = TimerInterval.milliseconds(500)
        for wanted in [1_000, 2_000, 4_000, 4_000, 4_000, 4_000, 4_000, 4_000, 4_000, 4_000] as [Int64]
        where now < .seconds(32) {
            #expect(
                actions { transaction.fired(.e, self.timers, &$0) } == [
                    .sendRequest, .start(.e, after: .milliseconds(wanted)),
                ])
            sent += 1
            now = TimerInterval(nanoseconds: now.nanoseconds + wanted * 1_000_000)
        }
        #expect(sent == 11)
        #expect(actions { transaction.fired(.f, self.timers, &$0) } == [.end(.timedOut)])
        #expect(actions { transaction.fired(.e, self.timers, &$0) } == [])
    }

    @Test("resends every T2 once a provisional answer has come")
    func provisional() {
        var (transaction, _) = self.begin(over: false)
        #expect(actions { transaction.received(status: 100, self.timers, &$0) } == [.deliver])
        #expect(actions { transaction.fired(.e, self.timers, &$0) } == [.sendRequest, .start(.e, after: .seconds(4))])
        #expect(actions { transaction.fired(.f, self.timers, &$0) } == [.end(.timedOut)])
    }

    @Test("hands the final answer up once and absorbs its repeats until K", arguments: [200, 404, 600])
    func final(status: Int) {
        var (transaction, _) = self.begin(over: false)
        #expect(
            actions { transaction.received(status: status, self.timers, &$0) } == [
                .stop(.e), .stop(.f), .start(.k, after: .seconds(5)), .deliver,
            ])
        #expect(transaction.isOver)
        #expect(actions { transaction.received(status: status, self.timers, &$0) } == [])
        #expect(actions { transaction.fired(.k, self.timers, &$0) } == [.end(.finished)])
    }

    @Test("over TCP sends once and waits for no repeats")
    func reliable() {
        var (transaction, begun) = self.begin(over: true)
        #expect(begun == [.sendRequest, .start(.f, after: .seconds(32))])
        #expect(
            actions { transaction.received(status: 200, self.timers, &$0) } == [
                .stop(.f), .start(.k, after: .zero), .deliver,
            ])
    }

    @Test("ends when the transport cannot send")
    func transport() {
        var (transaction, _) = self.begin(over: false)
        #expect(actions { transaction.transportFailed(&$0) } == [.end(.transportFailed)])
        #expect(actions { transaction.received(status: 200, self.timers, &$0) } == [])
    }
}
