/// A ``Judge`` at work on a thread of its own.
final class JudgeThread: @unchecked Sendable {
    @exclusivity(unchecked) private var judge: Judge
    private let queue = BoundedQueue<[ClosedConversation]>(limit: 8)
    private var worker: Worker?
    @exclusivity(unchecked) private var waiting: [ClosedConversation] = []
    @exclusivity(unchecked) private var waitingBytes = 0

    /// - Returns: `nil` when the system gives no thread.
    init?(_ judge: Judge) {
        self.judge = judge
        let queue = self.queue
        self.worker = nil
        self.worker = Worker { [unowned self] in
            while let work = queue.pop() { for closed in work { self.judge.judge(closed) } }
        }
        if self.worker == nil { return nil }
    }

    func judge(_ closed: ClosedConversation) {
        self.waiting.append(closed)
        self.waitingBytes += closed.conversation.footprint
        if self.waiting.count >= 48 || self.waitingBytes > 256 << 10 { self.flush() }
    }

    private func flush() {
        self.queue.push(self.waiting)
        self.waiting = []
        self.waitingBytes = 0
    }

    /// Waits until everything has been judged.
    func finish() -> Judge {
        self.flush()
        self.queue.close()
        self.worker?.join()
        return self.judge
    }
}
