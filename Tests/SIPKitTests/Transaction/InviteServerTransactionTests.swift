import SIPKit
import Testing

@Suite("INVITE server transaction (RFC 3261 §17.2.1, RFC 6026)")
struct InviteServerTransactionTests {
    let timers = TransactionTimers()

    private func respond(_ status: Int, _ transaction: inout InviteServerTransaction) -> [TransactionAction]? {
        var list = TransactionActions()
        return transaction.responded(status: status, self.timers, &list) ? list.list : nil
    }

    @Test("repeats a provisional answer to a repeated INVITE, and nothing before there is one")
    func proceeding() {
        var transaction = InviteServerTransaction(over: false)
        #expect(actions { transaction.receivedAgain(&$0) } == [])
        #expect(self.respond(100, &transaction) == [.sendResponse])
        #expect(self.respond(180, &transaction) == [.sendResponse])
        #expect(actions { transaction.receivedAgain(&$0) } == [.sendResponse])
        #expect(!transaction.isOver)
    }

    @Test("absorbs repeats of an accepted INVITE, passes further 2xx and the ACK, until L ends")
    func accepted() {
        var transaction = InviteServerTransaction(over: false)
        #expect(self.respond(200, &transaction) == [.sendResponse, .start(.l, after: .seconds(32))])
        #expect(actions { transaction.receivedAgain(&$0) } == [])
        #expect(self.respond(200, &transaction) == [.sendResponse])
        #expect(self.respond(486, &transaction) == nil)
        #expect(self.respond(180, &transaction) == nil)
        #expect(actions { transaction.receivedAck(self.timers, &$0) } == [.deliver])
        #expect(actions { transaction.fired(.l, self.timers, &$0) } == [.end(.finished)])
        #expect(self.respond(200, &transaction) == nil)
    }

    @Test("over UDP repeats a refusal at T1, 2·T1 … up to T2 until the ACK, then absorbs repeats of that")
    func refused() {
        var transaction = InviteServerTransaction(over: false)
        #expect(
            self.respond(486, &transaction) == [
                .sendResponse, .start(.g, after: .milliseconds(500)), .start(.h, after: .seconds(32)),
            ])
        for wanted in [1_000, 2_000, 4_000, 4_000] as [Int64] {
            #expect(
                actions { transaction.fired(.g, self.timers, &$0) } == [
                    .sendResponse, .start(.g, after: .milliseconds(wanted)),
                ])
        }
        #expect(actions { transaction.receivedAgain(&$0) } == [.sendResponse])
        #expect(
            actions { transaction.receivedAck(self.timers, &$0) } == [
                .stop(.g), .stop(.h), .start(.i, after: .seconds(5)),
            ])
        #expect(actions { transaction.receivedAck(self.timers, &$0) } == [])
        #expect(actions { transaction.receivedAgain(&$0) } == [])
        #expect(actions { transaction.fired(.g, self.timers, &$0) } == [])
        #expect(actions { transaction.fired(.i, self.timers, &$0) } == [.end(.finished)])
    }

    @Test("ends with a time-out where no ACK comes")
    func noAck() {
        var transaction = InviteServerTransaction(over: true)
        #expect(self.respond(500, &transaction) == [.sendResponse, .start(.h, after: .seconds(32))])
        #expect(actions { transaction.fired(.h, self.timers, &$0) } == [.end(.timedOut)])
        #expect(actions { transaction.receivedAck(self.timers, &$0) } == [])
    }

    @Test("over TCP waits for no repeats of ACK")
    func reliable() {
        var transaction = InviteServerTransaction(over: true)
        _ = self.respond(404, &transaction)
        #expect(actions { transaction.receivedAck(self.timers, &$0) } == [.stop(.h), .start(.i, after: .zero)])
    }
}
