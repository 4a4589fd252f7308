import SIPKit
import Testing

/// What one event makes a machine ask for.
func actions(_ event: (inout TransactionActions) -> Void) -> [TransactionAction] {
    var list = TransactionActions()
    event(&list)
    return list.list
}

@Suite("INVITE client transaction (RFC 3261 §17.1.1, RFC 6026)")
struct InviteClientTransactionTests {
    let timers = TransactionTimers()

    private func begin(over isReliable: Bool) -> (InviteClientTransaction, [TransactionAction]) {
        var list = TransactionActions()
        let transaction = InviteClientTransaction(over: isReliable, self.timers, &list)
        return (transaction, list.list)
    }

    @Test("over UDP resends at T1, 2·T1, 4·T1 … and gives up at 64·T1")
    func resendsThenGivesUp() {
        var (transaction, begun) = self.begin(over: false)
        #expect(begun == [.sendRequest, .start(.a, after: .milliseconds(500)), .start(.b, after: .seconds(32))])
        var interval = TimerInterval.milliseconds(500)
        for _ in 0..<6 {
            interval = interval * 2
            #expect(actions { transaction.fired(.a, &$0) } == [.sendRequest, .start(.a, after: interval)])
        }
        #expect(!transaction.isOver)
        #expect(actions { transaction.fired(.b, &$0) } == [.end(.timedOut)])
        #expect(actions { transaction.fired(.a, &$0) } == [], "a timer that outlives its state does nothing")
        #expect(transaction.isOver)
    }

    @Test("over TCP sends once")
    func reliable() {
        var (transaction, begun) = self.begin(over: true)
        #expect(begun == [.sendRequest, .start(.b, after: .seconds(32))])
        #expect(
            actions { transaction.received(status: 486, self.timers, &$0) } == [
                .stop(.b), .sendAck, .start(.d, after: .zero), .deliver,
            ])
        #expect(actions { transaction.fired(.d, &$0) } == [.end(.finished)])
    }

    @Test("stops resending at a provisional answer, and hands every one up")
    func provisional() {
        var (transaction, _) = self.begin(over: false)
        #expect(!transaction.isProceeding)
        #expect(actions { transaction.received(status: 100, self.timers, &$0) } == [.stop(.a), .stop(.b), .deliver])
        #expect(transaction.isProceeding)
        #expect(actions { transaction.received(status: 180, self.timers, &$0) } == [.deliver])
        #expect(actions { transaction.fired(.a, &$0) } == [])
        #expect(actions { transaction.fired(.b, &$0) } == [])
    }

    @Test("hands up every 2xx, also repeated and of other branches, until M ends")
    func accepted() {
        var (transaction, _) = self.begin(over: false)
        _ = actions { transaction.received(status: 180, self.timers, &$0) }
        #expect(
            actions { transaction.received(status: 200, self.timers, &$0) } == [
                .start(.m, after: .seconds(32)), .deliver,
            ])
        #expect(actions { transaction.received(status: 200, self.timers, &$0) } == [.deliver])
        #expect(actions { transaction.received(status: 180, self.timers, &$0) } == [])
        #expect(actions { transaction.received(status: 486, self.timers, &$0) } == [])
        #expect(actions { transaction.fired(.m, &$0) } == [.end(.finished)])
        #expect(actions { transaction.received(status: 200, self.timers, &$0) } == [])
    }

    @Test("a 2xx without a provisional answer stops both timers first")
    func acceptedAtOnce() {
        var (transaction, _) = self.begin(over: false)
        #expect(
            actions { transaction.received(status: 299, self.timers, &$0) } == [
                .stop(.a), .stop(.b), .start(.m, after: .seconds(32)), .deliver,
            ])
    }

    @Test("answers each repeat of a refusal with ACK and hands it up once", arguments: [300, 404, 503, 699])
    func refused(status: Int) {
        var (transaction, _) = self.begin(over: false)
        #expect(
            actions { transaction.received(status: status, self.timers, &$0) } == [
                .stop(.a), .stop(.b), .sendAck, .start(.d, after: .seconds(32)), .deliver,
            ])
        #expect(actions { transaction.received(status: status, self.timers, &$0) } == [.sendAck])
        #expect(actions { transaction.received(status: 200, self.timers, &$0) } == [])
        #expect(actions { transaction.fired(.d, &$0) } == [.end(.finished)])
        #expect(actions { transaction.received(status: status, self.timers, &$0) } == [])
    }

    @Test("ends when the transport cannot send, unless it is over already")
    func transport() {
        var (transaction, _) = self.begin(over: true)
        #expect(actions { transaction.transportFailed(&$0) } == [.end(.transportFailed)])
        #expect(actions { transaction.transportFailed(&$0) } == [])
    }
}
