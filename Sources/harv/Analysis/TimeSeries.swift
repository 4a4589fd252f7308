/// What can be added up in a bucket of time.
protocol Addable: Sendable, Codable {
    init()
    mutating func add(_ other: Self)
}

/// Counts over time in a bounded number of buckets: they grow wider as the trace grows longer.
struct TimeSeries<Slot: Addable>: Sendable, Codable {
    /// Nanoseconds in a bucket: 1 s at first, then such as people count in.
    private(set) var width: Int64 = 1_000_000_000
    private(set) var slots: [Int64: Slot] = [:]
    private let limit: Int

    /// Widths in seconds; each divides the next, so that buckets can be put together.
    private static var widths: [Int64] { [1, 5, 15, 60, 300, 900, 3600, 10_800, 43_200, 86_400, 604_800] }

    init(limit: Int = 400) { self.limit = limit }

    mutating func update(_ time: Int64, _ change: (inout Slot) -> Void) {
        let key = Self.floor(time, self.width)
        if self.slots.count >= self.limit, self.slots[key] == nil {
            self.widen()
            return self.update(time, change)
        }
        change(&self.slots[key, default: Slot()])
    }

    /// Adds another series, or a part of each of its buckets: the same as if its times had come here at once.
    mutating func add(_ other: TimeSeries, _ part: (Slot) -> Slot = { $0 }) {
        while self.width < other.width { self.widen() }
        for (key, slot) in other.slots {
            let part = part(slot)
            self.update(key * other.width) { $0.add(part) }
        }
    }

    /// The times that fall into the same bucket as this one.
    func bucket(of time: Int64) -> Range<Int64> {
        let start = Self.floor(time, self.width) &* self.width
        return start..<start &+ self.width
    }

    private static func floor(_ time: Int64, _ width: Int64) -> Int64 {
        time >= 0 ? time / width : (time - width + 1) / width
    }

    private mutating func widen() {
        let seconds = self.width / 1_000_000_000
        let next = (Self.widths.first { $0 > seconds } ?? seconds * 2) * 1_000_000_000
        var wider: [Int64: Slot] = [:]
        for (key, slot) in self.slots { wider[Self.floor(key * self.width, next), default: Slot()].add(slot) }
        self.slots = wider
        self.width = next
    }

    /// The buckets from the first to the last, empty ones included; beginning and content of each.
    var row: [(time: Int64, slot: Slot)] {
        guard let first = self.slots.keys.min(), let last = self.slots.keys.max(), last - first < 100_000 else {
            return self.slots.sorted { $0.key < $1.key }.map { ($0.key * self.width, $0.value) }
        }
        return (first...last).map { ($0 * self.width, self.slots[$0] ?? Slot()) }
    }

    /// The same in buckets so wide that there are no more than a number of them.
    func row(atMost count: Int) -> [(time: Int64, slot: Slot)] {
        var copy = self
        while copy.slots.count > 1, let first = copy.slots.keys.min(), let last = copy.slots.keys.max(),
            last - first >= Int64(count)
        {
            copy.widen()
        }
        return copy.row
    }
}

extension Int: Addable {
    mutating func add(_ other: Int) { self += other }
}

/// What happened in one bucket of time.
struct Happenings: Addable, Equatable {
    /// How attempts that began here ended, by ``Ending``.
    var calls = [Int](repeating: 0, count: Ending.allCases.count)
    var messages = 0
    var registrations = 0
    /// Conversations with a finding of severity error and above.
    var troubled = 0

    enum Ending: Int, CaseIterable {
        case answered, busy, cancelled, unanswered, refused, failed

        init(_ facts: CallFacts) {
            switch facts.status {
            case 200..<300: self = .answered
            case 480, 486, 600, 603: self = .busy
            case 487: self = .cancelled
            case 408 where !facts.isDead: self = .unanswered
            case 500..<600, 408: self = .failed
            case 0: self = .unanswered
            default: self = .refused
            }
        }

        var title: String {
            switch self {
            case .answered: "answered"
            case .busy: "busy or declined"
            case .cancelled: "cancelled"
            case .unanswered: "no answer"
            case .refused: "refused"
            case .failed: "failed"
            }
        }
    }

    mutating func add(_ other: Happenings) {
        for place in self.calls.indices { self.calls[place] += other.calls[place] }
        self.messages += other.messages
        self.registrations += other.registrations
        self.troubled += other.troubled
    }
}
