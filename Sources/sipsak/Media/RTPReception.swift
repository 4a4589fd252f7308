import SIPKit

/// What arrived of one RTP stream: packets, losses by sequence number, repeats, jitter (RFC 3550 §6.4.1 and A.8).
struct RTPReception: Equatable, Sendable {
    private(set) var packets = 0
    private(set) var bytes = 0
    private(set) var repeats = 0
    /// Other sources than the first one, which are not counted further.
    private(set) var strangers = 0
    private(set) var maximumGap: Duration = .zero
    private var source: UInt32?
    private var first: Int64 = 0
    private var highest: Int64 = 0
    private var seen: UInt64 = 0
    private var lastArrival: MonotonicTime?
    private var lastTransit: Int64?
    private var jitterUnits = 0.0

    /// - Parameter rate: timestamp units a second; 8000 for G.711.
    mutating func add(_ packet: RTPPacket, at arrival: MonotonicTime, rate: Int64 = 8000) {
        if let source = self.source, source != packet.source {
            self.strangers += 1
            return
        }
        let extended = self.source == nil ? Int64(packet.sequence) : self.extend(packet.sequence)
        if self.source == nil {
            self.source = packet.source
            self.first = extended
            self.highest = extended - 1
        }
        guard self.note(extended) else {
            self.repeats += 1
            return
        }
        self.packets += 1
        self.bytes += packet.payload.count
        if let last = self.lastArrival { self.maximumGap = Swift.max(self.maximumGap, arrival - last) }
        self.lastArrival = arrival
        // Only the low 32 bits mean something: timestamps wrap.
        let units = UInt32(truncatingIfNeeded: arrival.nanoseconds / 1000 &* rate / 1_000_000)
        let transit = Int64(Int32(truncatingIfNeeded: units &- packet.timestamp))
        if let last = self.lastTransit {
            let change = abs(Double(Int32(truncatingIfNeeded: transit &- last)))
            self.jitterUnits += (change - self.jitterUnits) / 16
        }
        self.lastTransit = transit
    }

    /// The sequence number without its wrap: the one nearest to the highest so far.
    private func extend(_ sequence: UInt16) -> Int64 {
        let step = Int16(truncatingIfNeeded: Int64(sequence) - self.highest)
        return self.highest + Int64(step)
    }

    /// Whether this number is new; the last 64 are remembered.
    private mutating func note(_ number: Int64) -> Bool {
        if number > self.highest {
            let step = number - self.highest
            self.seen = step < 64 ? self.seen << UInt64(step) | 1 : 1
            self.highest = number
            return true
        }
        let back = self.highest - number
        guard back < 64, self.seen >> UInt64(back) & 1 == 0 else { return false }
        self.seen |= 1 << UInt64(back)
        self.first = Swift.min(self.first, number)
        return true
    }

    /// How many should have come between the first and the last.
    var expected: Int { self.source == nil ? 0 : Int(self.highest - self.first + 1) }
    var lost: Int { Swift.max(0, self.expected - self.packets) }
    var loss: Double { self.expected == 0 ? 0 : Double(self.lost) * 100 / Double(self.expected) }
    func jitter(rate: Double = 8000) -> Duration { .nanoseconds(Int64(self.jitterUnits / rate * 1e9)) }
}
