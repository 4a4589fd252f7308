import Glibc

/// Hands values from one thread to another in their order, and makes the faster one wait.
final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
    private var elements: [Element] = []
    private var head = 0
    private var isClosed = false
    private let limit: Int
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init(limit: Int) {
        self.limit = limit
        pthread_mutex_init(self.lock, nil)
        pthread_cond_init(self.changed, nil)
    }

    deinit {
        pthread_cond_destroy(self.changed)
        pthread_mutex_destroy(self.lock)
        self.changed.deallocate()
        self.lock.deallocate()
    }

    /// Waits until there is room; after ``close()`` nothing is taken any more.
    func push(_ element: Element) {
        pthread_mutex_lock(self.lock)
        while self.elements.count - self.head >= self.limit, !self.isClosed {
            pthread_cond_wait(self.changed, self.lock)
        }
        if !self.isClosed { self.elements.append(element) }
        pthread_cond_broadcast(self.changed)
        pthread_mutex_unlock(self.lock)
    }

    /// Waits for the next one; `nil` when there will be none.
    func pop() -> Element? {
        pthread_mutex_lock(self.lock)
        defer { pthread_mutex_unlock(self.lock) }
        while self.head == self.elements.count, !self.isClosed { pthread_cond_wait(self.changed, self.lock) }
        guard self.head < self.elements.count else { return nil }
        let element = self.elements[self.head]
        self.head += 1
        if self.head == self.elements.count {
            self.elements.removeAll(keepingCapacity: true)
            self.head = 0
        } else if self.head >= 64 {
            self.elements.removeFirst(self.head)
            self.head = 0
        }
        pthread_cond_broadcast(self.changed)
        return element
    }

    /// The next one when it is there already.
    func popIfAny() -> Element? {
        pthread_mutex_lock(self.lock)
        let isEmpty = self.head == self.elements.count
        pthread_mutex_unlock(self.lock)
        return isEmpty ? nil : self.pop()
    }

    /// Whether nothing is there and nothing will come.
    var isFinished: Bool {
        pthread_mutex_lock(self.lock)
        defer { pthread_mutex_unlock(self.lock) }
        return self.isClosed && self.head == self.elements.count
    }

    /// Says that nothing more comes. What is in the queue is still handed out.
    func close() {
        pthread_mutex_lock(self.lock)
        self.isClosed = true
        pthread_cond_broadcast(self.changed)
        pthread_mutex_unlock(self.lock)
    }
}

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
