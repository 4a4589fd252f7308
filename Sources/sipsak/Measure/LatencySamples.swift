import SIPKit

/// Round-trip times and what is asked of them: smallest, mean, spread, percentiles.
///
/// The first 4096 are kept as they are, so a few pings give exact percentiles; more go into a histogram with 256 steps for
/// each doubling (at most 0.4 % off), so ten million cost no more than a few.
struct LatencySamples: Sendable, Equatable {
    private static let exactLimit = 4096
    private static let steps = 256

    private(set) var count = 0
    private(set) var minimum = Int64.max
    private(set) var maximum = Int64.min
    private var sum = 0.0
    private var squares = 0.0
    private var exact: [Int64] = []
    private var buckets: [UInt64] = []

    mutating func add(_ duration: Duration) { self.add(nanoseconds: duration.wholeNanoseconds) }

    mutating func add(nanoseconds value: Int64) {
        let value = Swift.max(0, value)
        self.count += 1
        self.minimum = Swift.min(self.minimum, value)
        self.maximum = Swift.max(self.maximum, value)
        self.sum += Double(value)
        self.squares += Double(value) * Double(value)
        if self.buckets.isEmpty {
            self.exact.append(value)
            guard self.exact.count > Self.exactLimit else { return }
            self.buckets = Array(repeating: 0, count: 64 * Self.steps)
            for old in self.exact { self.buckets[Self.bucket(old)] += 1 }
            self.exact = []
        } else {
            self.buckets[Self.bucket(value)] += 1
        }
    }

    var isEmpty: Bool { self.count == 0 }
    var min: Duration { .nanoseconds(self.isEmpty ? 0 : self.minimum) }
    var max: Duration { .nanoseconds(self.isEmpty ? 0 : self.maximum) }
    var mean: Duration { .nanoseconds(self.isEmpty ? 0 : Int64(self.sum / Double(self.count))) }

    var deviation: Duration {
        guard self.count > 1 else { return .zero }
        let mean = self.sum / Double(self.count)
        return .nanoseconds(Int64(Swift.max(0, self.squares / Double(self.count) - mean * mean).squareRoot()))
    }

    /// The smallest time that at least `percent` of the samples do not exceed.
    func percentile(_ percent: Double) -> Duration {
        guard !self.isEmpty else { return .zero }
        let rank = Swift.min(self.count, Swift.max(1, Int((percent / 100 * Double(self.count)).rounded(.up))))
        if rank == self.count { return self.max }
        if self.buckets.isEmpty { return .nanoseconds(self.exact.sorted()[rank - 1]) }
        var seen: UInt64 = 0
        for (index, bucket) in self.buckets.enumerated() {
            seen += bucket
            if seen >= UInt64(rank) {
                return .nanoseconds(Swift.min(Swift.max(Self.value(index), self.minimum), self.maximum))
            }
        }
        return self.max
    }

    /// How many samples are at or below a time: the buckets of a Prometheus histogram.
    func count(upTo limit: Duration) -> Int {
        let nanoseconds = limit.wholeNanoseconds
        if self.buckets.isEmpty { return self.exact.count { $0 <= nanoseconds } }
        let last = Self.bucket(nanoseconds)
        return Int(self.buckets[...last].reduce(0, +))
    }

    /// Values below 256 have a bucket each; above, the leading bit names the row and the eight bits behind it the place.
    private static func bucket(_ value: Int64) -> Int {
        let number = UInt64(Swift.max(0, value))
        guard number >= 256 else { return Int(number) }
        let row = 63 - number.leadingZeroBitCount - 8
        return Swift.min((row + 1) * Self.steps + Int(number >> UInt64(row)) - 256, 64 * Self.steps - 1)
    }

    /// The middle of a bucket.
    private static func value(_ index: Int) -> Int64 {
        guard index >= Self.steps else { return Int64(index) }
        let row = index / Self.steps - 1
        let low = Int64(index % Self.steps + 256) << Int64(row)
        return low + (Int64(1) << Int64(row)) / 2
    }

    mutating func merge(_ other: LatencySamples) {
        for value in other.exact { self.add(nanoseconds: value) }
        for (index, count) in other.buckets.enumerated() where count > 0 {
            for _ in 0..<count { self.add(nanoseconds: Self.value(index)) }
        }
    }
}
