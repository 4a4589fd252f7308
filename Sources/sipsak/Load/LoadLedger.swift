import SIPKit

/// Which requests of a load are on their way: when each was sent, when it is due again, who answered. It sends nothing and
/// reads no clock.
///
/// A request's number is its slot and the slot's generation, so an answer to an old request finds nothing. Requests due
/// again stand in one queue for each attempt; within a queue all wait equally long, so only its head is ever looked at.
struct LoadLedger: Sendable {
    struct Slot: Sendable {
        var generation: UInt32 = 0
        var isOpen = false
        var attempts: UInt8 = 0
        /// When it should have been sent: what a user would have waited from.
        var planned: Int64 = 0
        var sent: Int64 = 0
    }

    private struct Due: Sendable {
        var number: UInt64
        var at: Int64
    }

    /// A queue that gives its memory back as it goes.
    private struct Queue: Sendable {
        var items: [Due] = []
        var head = 0

        mutating func removeFirst() {
            self.head += 1
            if self.head >= 1024, self.head * 2 >= self.items.count {
                self.items.removeFirst(self.head)
                self.head = 0
            }
        }

        var first: Due? { self.head < self.items.count ? self.items[self.head] : nil }
    }

    private var slots: [Slot] = []
    private var free: [UInt32] = []
    private var queues: [Queue]
    private let waits: [Int64]
    private let limit: Int

    /// What came of everything so far.
    private(set) var sent = 0
    private(set) var answered = 0
    private(set) var lost = 0
    private(set) var retransmissions = 0
    private(set) var strays = 0
    private(set) var open = 0
    private(set) var codes = [Int](repeating: 0, count: 700)
    /// From the last send to the final answer.
    private(set) var times = LatencySamples()
    /// From the moment when it should have been sent to the final answer.
    private(set) var corrected = LatencySamples()
    private(set) var lateness = LatencySamples()

    /// - Parameter limit: how many requests may be on their way at once.
    init(t1: Duration, timeout: Duration, limit: Int) {
        var waits: [Int64] = []
        var total: Int64 = 0
        var step = Swift.max(1, t1.wholeNanoseconds)
        let end = timeout.wholeNanoseconds
        while total < end, waits.count < 60 {
            let wait = Swift.min(step, end - total)
            waits.append(wait)
            total += wait
            step = Swift.min(step * 2, t1.wholeNanoseconds * 8)
        }
        self.waits = waits
        self.queues = Array(repeating: Queue(), count: waits.count)
        self.limit = limit
    }

    var hasRoom: Bool { self.open < self.limit }

    /// Opens a request: its number.
    mutating func begin(planned: Int64, at now: Int64) -> UInt64 {
        let slot: UInt32
        if let known = self.free.popLast() {
            slot = known
        } else {
            slot = UInt32(truncatingIfNeeded: self.slots.count)
            self.slots.append(Slot())
        }
        let index = Int(slot)
        self.slots[index].generation &+= 1
        self.slots[index].isOpen = true
        self.slots[index].attempts = 0
        self.slots[index].planned = planned
        self.slots[index].sent = now
        self.open += 1
        self.sent += 1
        self.lateness.add(nanoseconds: now - planned)
        let number = UInt64(self.slots[index].generation) << 32 | UInt64(slot)
        self.queues[0].items.append(Due(number: number, at: now &+ self.waits[0]))
        return number
    }

    /// A final answer came. `false` for one that nobody waits for.
    mutating func answer(_ number: UInt64, code: Int, at now: Int64) -> Bool {
        guard let index = self.find(number) else {
            self.strays += 1
            return false
        }
        guard code >= 200 else { return true }
        self.times.add(nanoseconds: now - self.slots[index].sent)
        self.corrected.add(nanoseconds: now - self.slots[index].planned)
        self.codes[Swift.min(code, 699)] += 1
        self.answered += 1
        self.close(index)
        return true
    }

    mutating func countStray() { self.strays += 1 }

    /// The requests whose time has come: to be sent again, or lost.
    mutating func due(at now: Int64, _ again: inout [UInt64]) {
        for attempt in self.queues.indices {
            while let first = self.queues[attempt].first, first.at <= now {
                self.queues[attempt].removeFirst()
                guard let index = self.find(first.number), Int(self.slots[index].attempts) == attempt else { continue }
                guard attempt + 1 < self.waits.count else {
                    self.lost += 1
                    self.close(index)
                    continue
                }
                self.slots[index].attempts += 1
                self.slots[index].sent = now
                self.retransmissions += 1
                self.queues[attempt + 1].items.append(Due(number: first.number, at: now &+ self.waits[attempt + 1]))
                again.append(first.number)
            }
        }
    }

    /// When ``due(at:_:)`` has something to do, at the earliest.
    var nextDue: Int64 { self.queues.reduce(Int64.max) { Swift.min($0, $1.first?.at ?? Int64.max) } }

    /// What is still on its way counts as lost: the run is over.
    mutating func abandon() {
        self.lost += self.open
        self.open = 0
    }

    private func find(_ number: UInt64) -> Int? {
        let index = Int(number & 0xFFFF_FFFF)
        guard index < self.slots.count, self.slots[index].isOpen, self.slots[index].generation == UInt32(number >> 32)
        else {
            return nil
        }
        return index
    }

    private mutating func close(_ index: Int) {
        self.slots[index].isOpen = false
        self.free.append(UInt32(truncatingIfNeeded: index))
        self.open -= 1
    }
}
