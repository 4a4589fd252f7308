// Whose `timespec` is depends on which of the two modules the compiler has met first.
import CMariaDB
import Glibc

/// A bounded queue between threads: who puts never waits, who takes does.
final class WorkQueue<Item: Sendable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let filled = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var items: [Item] = []
    private var isClosed = false
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
        pthread_mutex_init(self.mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(self.filled, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(self.filled)
        pthread_mutex_destroy(self.mutex)
        self.filled.deallocate()
        self.mutex.deallocate()
    }

    /// - Returns: `false` when the queue is full or closed.
    func put(_ item: Item) -> Bool {
        pthread_mutex_lock(self.mutex)
        defer { pthread_mutex_unlock(self.mutex) }
        guard !self.isClosed, self.items.count < self.limit else { return false }
        self.items.append(item)
        pthread_cond_signal(self.filled)
        return true
    }

    /// Waits for items and takes the first ones.
    ///
    /// - Returns: nothing once the queue is closed and empty, or when the time is over.
    func take(most: Int, within seconds: Int? = nil) -> [Item] {
        pthread_mutex_lock(self.mutex)
        defer { pthread_mutex_unlock(self.mutex) }
        var end = timespec()
        if let seconds {
            clock_gettime(CLOCK_MONOTONIC, &end)
            end.tv_sec += seconds
        }
        while self.items.isEmpty, !self.isClosed {
            if seconds == nil {
                pthread_cond_wait(self.filled, self.mutex)
            } else if pthread_cond_timedwait(self.filled, self.mutex, &end) == ETIMEDOUT {
                break
            }
        }
        let taken = Array(self.items.prefix(most))
        self.items.removeFirst(taken.count)
        return taken
    }

    /// Nothing more comes in; what is there is still handed out.
    func close() {
        pthread_mutex_lock(self.mutex)
        self.isClosed = true
        pthread_cond_broadcast(self.filled)
        pthread_mutex_unlock(self.mutex)
    }

    var count: Int {
        pthread_mutex_lock(self.mutex)
        defer { pthread_mutex_unlock(self.mutex) }
        return self.items.count
    }
}
