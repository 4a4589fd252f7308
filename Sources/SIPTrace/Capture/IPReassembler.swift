import SIPKit

/// Puts IP datagrams together from their fragments: in any order, doubled or overlapping (RFC 791 §3.2, RFC 8200 §4.5).
///
/// Bounded: at most ``maximumDatagrams`` wait at a time, each of at most 64 KiB and ``maximumPieces`` pieces, none
/// longer than 30 s of the capture's own time. The oldest makes room.
struct IPReassembler {
    struct Key: Hashable {
        var source: IPAddress
        var destination: IPAddress
        var id: UInt32
        var proto: UInt8
    }

    struct Whole {
        var bytes: [UInt8]
        /// Whether one of the fragments passed the capture filter (only the first has ports).
        var passed: Bool
    }

    private struct Waiting {
        var pieces: [(offset: Int, bytes: [UInt8])] = []
        /// Known once the last fragment is here.
        var total: Int?
        var passed = false
        var began: Int64
    }

    static let maximumDatagrams = 1024
    static let maximumPieces = 64
    static let patience: Int64 = 30_000_000_000

    private var waiting: [Key: Waiting] = [:]
    /// Fragments that were given up.
    private(set) var abandoned = 0

    /// How many fragments are still waiting.
    var pending: Int { self.waiting.values.reduce(0) { $0 + $1.pieces.count } }

    /// Takes one fragment; answers with the whole datagram when it was the last one missing.
    mutating func add(
        _ piece: Span<UInt8>, _ key: Key, at offset: Int, more: Bool, passed: Bool, _ now: Int64
    ) -> Whole? {
        guard offset + piece.count <= 65_535 else {
            self.abandoned += 1
            return nil
        }
        var entry = self.waiting[key] ?? Waiting(began: now)
        if now - entry.began > Self.patience || now < entry.began - Self.patience {
            self.abandoned += entry.pieces.count
            entry = Waiting(began: now)
        }
        guard entry.pieces.count < Self.maximumPieces else {
            self.abandoned += 1
            return nil
        }
        entry.passed = entry.passed || passed
        if !more { entry.total = offset + piece.count }
        entry.pieces.append((offset, piece.copy(.init(0, piece.count))))
        if let bytes = Self.join(entry) {
            self.waiting[key] = nil
            return Whole(bytes: bytes, passed: entry.passed)
        }
        if self.waiting.count >= Self.maximumDatagrams, self.waiting[key] == nil { self.dropOldest() }
        self.waiting[key] = entry
        return nil
    }

    private static func join(_ entry: Waiting) -> [UInt8]? {
        guard let total = entry.total else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(total)
        // The first copy of a byte wins, as in the stacks that are careful about overlaps.
        for piece in entry.pieces.sorted(by: { $0.offset < $1.offset }) {
            guard piece.offset <= bytes.count else { return nil }
            let known = bytes.count - piece.offset
            if known < piece.bytes.count { bytes += piece.bytes[known...] }
        }
        guard bytes.count >= total else { return nil }
        bytes.removeLast(bytes.count - total)
        return bytes
    }

    private mutating func dropOldest() {
        guard let oldest = self.waiting.min(by: { $0.value.began < $1.value.began }) else { return }
        self.abandoned += oldest.value.pieces.count
        self.waiting[oldest.key] = nil
    }
}
