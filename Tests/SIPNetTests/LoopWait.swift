import SIPKit
import SIPNet

extension EventLoop {
    /// Waits for wake-ups until the condition holds; gives up after 20 s, which no passing test comes near to.
    @discardableResult
    func waits(until isDone: () throws -> Bool) rethrows -> Bool {
        let clock = SystemClock()
        let end = clock.now().adding(milliseconds: 20_000)
        while true {
            if try isDone() { return true }
            let now = clock.now()
            guard now < end else { return false }
            _ = self.wait(until: end, now: now)
        }
    }
}
