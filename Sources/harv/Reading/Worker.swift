import Glibc

/// A thread of our own that can be waited for.
final class Worker: @unchecked Sendable {
    private let work: @Sendable () -> Void
    private var thread = pthread_t()
    private var isJoined = false

    /// - Parameter takesSignals: whether Control-C may interrupt what this thread reads.
    /// - Returns: `nil` when the system gives no thread.
    init?(takesSignals: Bool = false, _ work: @escaping @Sendable () -> Void) {
        self.work = work
        var blocked = sigset_t()
        var before = sigset_t()
        sigemptyset(&blocked)
        for signal in [SIGINT, SIGTERM, SIGUSR1, SIGWINCH] { sigaddset(&blocked, signal) }
        // A thread inherits the mask: set before, put back behind.
        pthread_sigmask(takesSignals ? SIG_UNBLOCK : SIG_BLOCK, &blocked, &before)
        let box = Unmanaged.passRetained(self)
        let status = pthread_create(
            &self.thread, nil,
            { argument in
                if let argument { Unmanaged<Worker>.fromOpaque(argument).takeRetainedValue().work() }
                return nil
            }, box.toOpaque())
        pthread_sigmask(SIG_SETMASK, &before, nil)
        if status != 0 {
            box.release()
            return nil
        }
    }

    func join() {
        if !self.isJoined { pthread_join(self.thread, nil) }
        self.isJoined = true
    }

    /// Keeps Control-C away from the calling thread, so that it interrupts the one that reads.
    static func leaveSignalsToReader() {
        var blocked = sigset_t()
        sigemptyset(&blocked)
        for signal in [SIGINT, SIGTERM] { sigaddset(&blocked, signal) }
        pthread_sigmask(SIG_BLOCK, &blocked, nil)
    }
}
