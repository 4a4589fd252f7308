import SIPKit

/// Tells a message that was sent again from a new one: the same transaction, method or status, and way.
///
/// Remembers a fixed number of messages, so that it runs for months; a repetition after that many others counts as new.
public struct Retransmissions: Sendable {
    private var seen: [UInt64]
    private let seed: UInt64
    private var requestTimes: [(key: UInt64, time: Int64)]

    public init(capacity: Int = 1 << 16) {
        let size = 1 << Swift.max(4, Int.bitWidth - (capacity - 1).leadingZeroBitCount)
        self.seen = [UInt64](repeating: 0, count: size)
        self.requestTimes = [(key: UInt64, time: Int64)](repeating: (0, 0), count: size)
        self.seed = UInt64.random(in: .min ... .max)
    }

    /// Whether the same message went the same way before.
    public mutating func isRepeated(_ origin: MessageOrigin, _ bytes: Span<UInt8>, _ reading: MessageReading) -> Bool {
        guard reading.isReadable else { return false }
        var state = self.transaction(bytes, reading)
        state = QuickHash.mix(state ^ UInt64(reading.isRequest ? 0 : reading.status))
        state = QuickHash.hash(bytes.extracting(reading.method(bytes).indices), seed: state)
        state = QuickHash.mix(state ^ origin.source.ip.low ^ origin.source.ip.high &* 3)
        state = QuickHash.mix(state ^ origin.destination.ip.low ^ origin.destination.ip.high &* 5)
        state = QuickHash.mix(state ^ UInt64(origin.source.port) << 16 ^ UInt64(origin.destination.port)) | 1
        let slot = Int(truncatingIfNeeded: state >> 1) & (self.seen.count - 1)
        if self.seen[slot] == state { return true }
        self.seen[slot] = state
        return false
    }

    /// How long after its request a response came; remembers requests.
    public mutating func responseTime(_ origin: MessageOrigin, _ bytes: Span<UInt8>, _ reading: MessageReading)
        -> Int64?
    {
        guard reading.isReadable else { return nil }
        var key = self.transaction(bytes, reading)
        // A hop is its two addresses, whichever way round.
        let (source, destination) = (origin.source, origin.destination)
        key = QuickHash.mix(key ^ (source.ip.low ^ destination.ip.low) ^ (source.ip.high ^ destination.ip.high))
        key = QuickHash.mix(key ^ UInt64(source.port ^ destination.port)) | 1
        let slot = Int(truncatingIfNeeded: key >> 1) & (self.requestTimes.count - 1)
        if reading.isRequest {
            if self.requestTimes[slot].key != key { self.requestTimes[slot] = (key, origin.time) }
            return nil
        }
        return self.requestTimes[slot].key == key ? origin.time - self.requestTimes[slot].time : nil
    }

    private func transaction(_ bytes: Span<UInt8>, _ reading: MessageReading) -> UInt64 {
        var state = QuickHash.hash(bytes.extracting(reading.callID.indices), seed: self.seed)
        state = QuickHash.mix(state ^ UInt64(reading.cSeq(bytes)?.number ?? 0))
        let branch = reading.topVia(bytes)?.branch ?? .none
        return QuickHash.hash(bytes.extracting(branch.indices), seed: state)
    }
}
