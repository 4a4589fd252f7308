import Glibc

/// Times collected for a report: exact while there are few, in steps of one percent when there are many.
struct Distribution: Sendable, Equatable, Codable {
    private(set) var count = 0
    private(set) var maximum: Int64 = 0
    private(set) var minimum: Int64 = .max
    private(set) var sum: Double = 0
    private var exact: [Int64] = []
    private var buckets: [UInt32] = []

    /// Up to this many values are kept as they are.
    static let exactLimit = 16_384
    /// Steps in a doubling: 2^(1/70) is just under one percent.
    private static let stepsPerOctave = 70.0

    /// Nanoseconds; what is negative (a clock that went back) is not counted.
    mutating func add(_ value: Int64) {
        guard value >= 0 else { return }
        self.count += 1
        self.maximum = max(self.maximum, value)
        self.minimum = min(self.minimum, value)
        self.sum += Double(value)
        if self.exact.count < Self.exactLimit, self.buckets.isEmpty {
            self.exact.append(value)
        } else {
            if self.buckets.isEmpty { self.spill() }
            self.buckets[Self.bucket(value)] += 1
        }
    }

    mutating func add(_ other: Distribution) {
        guard other.count > 0 else { return }
        let staysExact =
            self.buckets.isEmpty && other.buckets.isEmpty
            && self.exact.count + other.exact.count <= Self.exactLimit
        self.count += other.count
        self.maximum = max(self.maximum, other.maximum)
        self.minimum = min(self.minimum, other.minimum)
        self.sum += other.sum
        guard !staysExact else {
            self.exact += other.exact
            return
        }
        if self.buckets.isEmpty { self.spill() }
        for value in other.exact { self.buckets[Self.bucket(value)] += 1 }
        for (bucket, held) in other.buckets.enumerated() { self.buckets[bucket] += held }
    }

    private mutating func spill() {
        self.buckets = [UInt32](repeating: 0, count: Self.bucket(.max) + 1)
        for value in self.exact { self.buckets[Self.bucket(value)] += 1 }
        self.exact = []
    }

    private static func bucket(_ value: Int64) -> Int {
        guard value > 1000 else { return 0 }
        return Int(log2(Double(value) / 1000) * Self.stepsPerOctave) + 1
    }

    private static func middle(_ bucket: Int) -> Int64 {
        bucket == 0 ? 500 : Int64(exp2((Double(bucket) - 0.5) / Self.stepsPerOctave) * 1000)
    }

    var mean: Double? { self.count == 0 ? nil : self.sum / Double(self.count) }

    /// The value below which this share lies, interpolated between the neighbours; `nil` without values.
    func quantile(_ share: Double) -> Int64? {
        guard self.count > 0 else { return nil }
        if self.buckets.isEmpty {
            let sorted = self.exact.sorted()
            let place = Double(sorted.count - 1) * min(1, max(0, share))
            let below = Int(place)
            let above = min(below + 1, sorted.count - 1)
            return sorted[below] + Int64((place - Double(below)) * Double(sorted[above] - sorted[below]))
        }
        var left = Int((Double(self.count - 1) * min(1, max(0, share))).rounded(.down))
        for (bucket, held) in self.buckets.enumerated() {
            left -= Int(held)
            if left < 0 { return min(self.maximum, max(self.minimum, Self.middle(bucket))) }
        }
        return self.maximum
    }

    /// How many values fall into each of some bins of equal width on a logarithmic axis; what is below counts to the
    /// first.
    func histogram(from low: Double, to high: Double, bins: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: bins)
        let span = log(high / low)
        guard span > 0, bins > 0 else { return counts }
        func add(_ value: Int64, _ held: Int) {
            let place = Int(log(max(low, Double(value)) / low) / span * Double(bins))
            counts[min(bins - 1, max(0, place))] += held
        }
        for value in self.exact { add(value, 1) }
        for (bucket, held) in self.buckets.enumerated() where held > 0 { add(Self.middle(bucket), Int(held)) }
        return counts
    }
}

extension Distribution {
    /// How many values are in each step of one percent, of those that have any.
    var steps: [(step: UInt16, count: UInt32)] {
        if self.buckets.isEmpty { return self.exact.map { (UInt16(Self.bucket($0)), 1) } }
        return self.buckets.enumerated().compactMap { $1 > 0 ? (UInt16($0), $1) : nil }
    }

    /// The values of a histogram, to one percent.
    init(_ histogram: Histogram) {
        guard !histogram.counts.isEmpty else { return }
        self.buckets = [UInt32](repeating: 0, count: Self.bucket(.max) + 1)
        for (step, count) in histogram.counts where Int(step) < self.buckets.count {
            self.buckets[Int(step)] = count
            self.count += Int(count)
        }
        self.maximum = histogram.maximum
        self.minimum = histogram.minimum
        self.sum = histogram.sum
    }
}
