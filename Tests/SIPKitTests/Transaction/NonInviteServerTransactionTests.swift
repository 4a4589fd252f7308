import SIPKit
import Testing

@Suite("Server transaction of other requests (RFC 3261 §17.2.2)")
struct NonInviteServerTransactionTests {
    let timers = TransactionTimers()

    private func respond(_ status: Int, _ transaction: inout NonInviteServerTransaction) -> [TransactionAction]? {
        var list = TransactionActions()
        return transaction.responded(status: status, self.timers, &list) ? list.list : nil
    }

    @Test("answers repeats with the last answer, until J ends")
    func timeline() {
        var transaction = NonInviteServerTransaction(over: false)
        #expect(actions { transaction.receivedAgain(&$0) } == [], "nothing has been answered yet")
        #expect(self.respond(100, &transaction) == [.sendResponse])
        #expect(actions { transaction.receivedAgain(&$0) } == [.sendResponse])
        #expect(self.respond(200, &transaction) == [.sendResponse, .start(.j, after: .seconds(32))])
        #expect(actions { transaction.receivedAgain(&$0) } == [.sendResponse])
        #expect(self.respond(200, &transaction) == nil)
        #expect(actions { transaction.fired(.k, &$0) } == [])
        #expect(actions { transaction.fired(.j, &$0) } == [.end(.finished)])
        #expect(actions { transaction.receivedAgain(&$0) } == [])
    }

    @Test("over TCP waits for no repeats")
    func reliable() {
        var transaction = NonInviteServerTransaction(over: true)
        #expect(self.respond(404, &transaction) == [.sendResponse, .start(.j, after: .zero)])
        #expect(transaction.isOver)
    }
}
