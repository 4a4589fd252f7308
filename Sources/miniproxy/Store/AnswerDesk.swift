import SIPNet
import Synchronization

/// Where other threads leave the answers to a loop's questions; the loop is woken and takes them.
final class AnswerDesk: Sendable {
    private let answers = Mutex<[(number: UInt32, answer: Answer)]>([])
    private let wake: @Sendable () -> Void

    init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

    convenience init(waker: Waker) { self.init(wake: { waker.wake() }) }

    func put(_ number: UInt32, _ answer: Answer) {
        let isFirst = self.answers.withLock { answers in
            answers.append((number, answer))
            return answers.count == 1
        }
        // Whoever finds answers waiting has a waking on its way.
        if isFirst { self.wake() }
    }

    /// The answers that have come since the last call.
    func take() -> [(number: UInt32, answer: Answer)] {
        self.answers.withLock { answers in
            defer { if !answers.isEmpty { answers = [] } }
            return answers
        }
    }
}
