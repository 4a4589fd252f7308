import SIPKit

/// Any number of timers, each set and taken away in constant time.
///
/// Time is cut into ticks. Seven levels of 64 slots hold the timers by the most significant base-64 digit in which their
/// tick differs from the current one; a slot of level 0 is one tick, a slot of a higher level is spread over the level
/// below when its time comes. One bit a slot tells whether it is empty, so a jump over a quiet hour costs what a jump over
/// one tick costs. Timers lie in one slab and are linked by index; nothing is allocated once the slab has its size.
///
/// A timer never fires early and fires at most one tick late (plus the time until somebody calls `advance`). What fires
/// is a `token`, a number whose meaning is the owner's: no closure is kept.
///
/// The wheel is not for several threads: it belongs to one loop.
public struct TimerWheel: ~Copyable {
    /// Names one armed timer. After it fired or was cancelled the name is of no effect, also when its place is used again.
    public struct Handle: Hashable, Sendable, BitwiseCopyable {
        let index: UInt32
        let generation: UInt32

        /// A handle that names no timer.
        public static let none = Handle(index: 0, generation: 0)
    }

    struct Node {
        var next: UInt32
        var previous: UInt32
        /// Odd while armed. The first nodes are the heads of the slots and stay 0.
        var generation: UInt32
        var tick: UInt64
        var token: UInt64
    }

    private static let levels = 7
    private static let slots = 64
    private static let headCount = UInt32(levels * slots)
    private static let lastTick: UInt64 = 1 << UInt64(levels * 6) - 1
    private static let nobody = UInt32.max

    private let origin: MonotonicTime
    private let granularity: Int64
    private let maximum: Int
    private var nodes: UnsafeMutablePointer<Node>
    private var nodeCount: UInt32
    private var capacity: Int
    private var free: UInt32 = TimerWheel.nobody
    private var current: UInt64 = 0
    private var occupied = InlineArray<7, UInt64>(repeating: 0)

    /// How many timers are armed.
    public private(set) var count = 0
    /// How many `arm` refused because `maximum` were armed.
    public private(set) var refused = 0

    /// - Parameters:
    ///   - granularity: the length of a tick; below 1 ms is read as 1 ms.
    ///   - capacity: for how many timers memory is taken at once.
    ///   - maximum: how many may be armed at the same time (32 bytes each).
    public init(
        start: MonotonicTime, granularity: Duration = .milliseconds(10), capacity: Int = 1024, maximum: Int = 4_000_000
    ) {
        self.origin = start
        self.granularity = Swift.max(1_000_000, granularity.wholeNanoseconds)
        self.maximum = Swift.min(Swift.max(1, maximum), Int(Int32.max))
        self.capacity = Int(Self.headCount) + Swift.min(Swift.max(1, capacity), self.maximum)
        self.nodes = .allocate(capacity: self.capacity)
        self.nodeCount = Self.headCount
        for head in 0..<Self.headCount {
            (self.nodes + Int(head)).initialize(to: Node(next: head, previous: head, generation: 0, tick: 0, token: 0))
        }
    }

    deinit { self.nodes.deallocate() }

    // MARK: Arming

    /// Sets a timer.
    ///
    /// - Returns: its handle, or `.none` when `maximum` timers are armed: the owner counts that as an overload.
    public mutating func arm(token: UInt64, at deadline: MonotonicTime) -> Handle {
        guard let index = self.takeNode() else {
            self.refused += 1
            return .none
        }
        let node = self.nodes + Int(index)
        node.pointee.token = token
        node.pointee.tick = Swift.max(self.tick(notBefore: deadline), self.current + 1)
        node.pointee.generation &+= 1
        self.count += 1
        self.link(index)
        return Handle(index: index, generation: node.pointee.generation)
    }

    public mutating func arm(token: UInt64, after duration: Duration, now: MonotonicTime) -> Handle {
        self.arm(token: token, at: now + duration)
    }

    /// Moves an armed timer to another time; `false` when the handle names none.
    @discardableResult
    public mutating func move(_ handle: Handle, to deadline: MonotonicTime) -> Bool {
        guard self.isArmed(handle) else { return false }
        self.unlink(handle.index)
        self.nodes[Int(handle.index)].tick = Swift.max(self.tick(notBefore: deadline), self.current + 1)
        self.link(handle.index)
        return true
    }

    /// Takes a timer away; `false` when it has fired, or was cancelled before.
    @discardableResult
    public mutating func cancel(_ handle: Handle) -> Bool {
        guard self.isArmed(handle) else { return false }
        self.unlink(handle.index)
        self.release(handle.index)
        return true
    }

    public func isArmed(_ handle: Handle) -> Bool {
        handle.index >= Self.headCount && handle.index < self.nodeCount
            && handle.generation & 1 == 1 && self.nodes[Int(handle.index)].generation == handle.generation
    }

    // MARK: Time

    /// Goes on to `now` and appends the tokens of all timers whose time has come, earliest tick first.
    public mutating func advance(to now: MonotonicTime, _ fired: inout [UInt64]) {
        let passed = now.nanoseconds(since: self.origin)
        guard passed > 0 else { return }
        let target = Swift.min(UInt64(passed / self.granularity), Self.lastTick)
        while let (head, start) = self.nextSlot(), start <= target {
            self.current = start
            var index = self.nodes[Int(head)].next
            self.empty(head)
            while index != head {
                let next = self.nodes[Int(index)].next
                if self.nodes[Int(index)].tick <= start {
                    fired.append(self.nodes[Int(index)].token)
                    self.release(index)
                } else {
                    self.link(index)
                }
                index = next
            }
        }
        self.current = Swift.max(self.current, target)
    }

    /// When `advance` has something to do next: never later than the earliest deadline rounded up to its tick, and `nil`
    /// when nothing is armed. For timers far away it may be earlier, and `advance` then fires nothing.
    public var nextDeadline: MonotonicTime? {
        guard let (_, start) = self.nextSlot() else { return nil }
        return self.origin.adding(
            nanoseconds: Int64(start).multipliedReportingOverflow(by: self.granularity).overflow
                ? .max : Int64(start) * self.granularity)
    }

    /// The first slot that holds something, by its head, and the tick at which it begins. The slots of a level all come
    /// before those of the level above.
    private func nextSlot() -> (head: UInt32, start: UInt64)? {
        for level in 0..<Self.levels where self.occupied[level] != 0 {
            let slot = self.occupied[level].trailingZeroBitCount
            let shift = UInt64(level * 6)
            let above = self.current & ~(1 << (shift + 6) - 1)
            return (UInt32(level * Self.slots + slot), above | UInt64(slot) << shift)
        }
        return nil
    }

    // Mutating, although it changes nothing: borrowed, the wheel would be copied for the call.
    private mutating func tick(notBefore deadline: MonotonicTime) -> UInt64 {
        let distance = deadline.nanoseconds(since: self.origin)
        guard distance > 0 else { return 0 }
        let (whole, rest) = distance.quotientAndRemainder(dividingBy: self.granularity)
        // One below the last, so that `current + 1` stays inside the scale.
        return Swift.min(UInt64(whole) + (rest > 0 ? 1 : 0), Self.lastTick - 1)
    }

    // MARK: Lists

    private mutating func link(_ index: UInt32) {
        let node = self.nodes + Int(index)
        let difference = node.pointee.tick ^ self.current
        let level = Swift.min((63 - difference.leadingZeroBitCount) / 6, Self.levels - 1)
        let slot = Int(node.pointee.tick >> UInt64(level * 6) & 63)
        let head = UInt32(level * Self.slots + slot)
        let last = self.nodes[Int(head)].previous
        node.pointee.next = head
        node.pointee.previous = last
        self.nodes[Int(last)].next = index
        self.nodes[Int(head)].previous = index
        self.occupied[level] |= 1 << UInt64(slot)
    }

    private mutating func unlink(_ index: UInt32) {
        let (next, previous) = (self.nodes[Int(index)].next, self.nodes[Int(index)].previous)
        self.nodes[Int(previous)].next = next
        self.nodes[Int(next)].previous = previous
        // Alone in its list means that both neighbours are the head.
        if next == previous, next < Self.headCount { self.empty(next) }
    }

    private mutating func empty(_ head: UInt32) {
        self.nodes[Int(head)].next = head
        self.nodes[Int(head)].previous = head
        self.occupied[Int(head) / Self.slots] &= ~(1 << UInt64(Int(head) % Self.slots))
    }

    // MARK: Slab

    private mutating func takeNode() -> UInt32? {
        if self.free != Self.nobody {
            let index = self.free
            self.free = self.nodes[Int(index)].next
            return index
        }
        guard self.count < self.maximum else { return nil }
        if Int(self.nodeCount) == self.capacity { self.grow() }
        let index = self.nodeCount
        (self.nodes + Int(index)).initialize(to: Node(next: 0, previous: 0, generation: 0, tick: 0, token: 0))
        self.nodeCount += 1
        return index
    }

    private mutating func release(_ index: UInt32) {
        self.nodes[Int(index)].generation &+= 1
        self.nodes[Int(index)].next = self.free
        self.free = index
        self.count -= 1
    }

    private mutating func grow() {
        let larger = Swift.min(self.capacity * 2, Int(Self.headCount) + self.maximum)
        let moved = UnsafeMutablePointer<Node>.allocate(capacity: larger)
        moved.moveInitialize(from: self.nodes, count: Int(self.nodeCount))
        self.nodes.deallocate()
        self.nodes = moved
        self.capacity = larger
    }
}
