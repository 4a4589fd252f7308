/// What piles up during one turn of the loop and goes all at once: a list with one owner that keeps its memory.
///
/// What `[Element]` does, without asking at every element whether the memory is shared, and emptied by one store.
struct Batch<Element: BitwiseCopyable>: ~Copyable {
    // `count <= capacity`, and `start` is an allocation of `capacity` elements whose first `count` are set.
    private var start: UnsafeMutablePointer<Element>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = Swift.max(4, capacity)
        self.start = .allocate(capacity: self.capacity)
    }

    deinit { self.start.deallocate() }

    var isEmpty: Bool { self.count == 0 }

    /// What is in it; to be looked at before the next change.
    var elements: UnsafeBufferPointer<Element> { UnsafeBufferPointer(start: self.start, count: self.count) }

    @inline(__always)
    mutating func append(_ element: Element) {
        if self.count == self.capacity { self.grow() }
        (self.start + self.count).initialize(to: element)
        self.count &+= 1
    }

    @inline(__always)
    mutating func clear() { self.count = 0 }

    private mutating func grow() {
        let moved = UnsafeMutablePointer<Element>.allocate(capacity: self.capacity * 2)
        moved.update(from: self.start, count: self.count)
        self.start.deallocate()
        self.start = moved
        self.capacity *= 2
    }
}
