/// Hands values from one thread to another in their order, and makes the faster one wait.
final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
    private let monitor = Monitor()
    private var elements: [Element] = []
    private var isClosed = false
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Waits until there is room; after ``close()`` nothing is taken any more.
    func push(_ element: Element) {
        self.monitor.lock()
        defer { self.monitor.unlock() }
        while self.elements.count >= self.limit, !self.isClosed { self.monitor.wait() }
        if !self.isClosed { self.elements.append(element) }
    }

    /// What is there already, the oldest first.
    func takeAll() -> [Element] {
        self.monitor.lock()
        defer { self.monitor.unlock() }
        defer { self.elements.removeAll(keepingCapacity: true) }
        self.monitor.wakeAll()
        return self.elements
    }

    /// Whether nothing is there and nothing will come.
    var isFinished: Bool {
        self.monitor.lock()
        defer { self.monitor.unlock() }
        return self.isClosed && self.elements.isEmpty
    }

    /// Says that nothing more comes. What is in the queue is still handed out.
    func close() {
        self.monitor.lock()
        defer { self.monitor.unlock() }
        self.isClosed = true
        self.monitor.wakeAll()
    }
}
