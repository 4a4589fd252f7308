import Glibc

/// A lock, and a way to sleep under it until another thread has changed something.
final class Monitor: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(self.mutex, nil)
        pthread_cond_init(self.changed, nil)
    }

    deinit {
        pthread_cond_destroy(self.changed)
        pthread_mutex_destroy(self.mutex)
        self.changed.deallocate()
        self.mutex.deallocate()
    }

    func lock() { pthread_mutex_lock(self.mutex) }
    func unlock() { pthread_mutex_unlock(self.mutex) }
    /// Opens the lock, sleeps until ``wakeAll()``, and has it again: what was waited for is to be looked at anew.
    func wait() { pthread_cond_wait(self.changed, self.mutex) }
    func wakeAll() { pthread_cond_broadcast(self.changed) }
}
