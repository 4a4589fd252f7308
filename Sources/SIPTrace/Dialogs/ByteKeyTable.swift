import SIPKit

/// Numbers for byte strings: the first different one is 0, the next 1. The strings lie in one array, and looking one up
/// allocates nothing; a hundred thousand Call-IDs take a few megabytes.
public struct ByteKeyTable: Sendable {
    private var arena: [UInt8] = []
    private var ends: [Int] = []
    private var hashes: [UInt64] = []
    /// Open addressing; entry + 1, 0 is free. Never more than half full.
    private var slots: [Int32]
    private var mask: Int
    /// Unknown to senders, so that nobody can choose Call-IDs that collide.
    private let seed: UInt64

    public init() {
        self.slots = [Int32](repeating: 0, count: 1024)
        self.mask = 1023
        self.seed = UInt64.random(in: .min ... .max)
    }

    public var count: Int { self.ends.count }
    public var memory: Int { self.arena.capacity + self.ends.capacity * 16 + self.slots.capacity * 4 }

    /// The number of a string that is known.
    public func find(_ bytes: Span<UInt8>, _ range: ByteRange) -> Int? {
        let hash = self.hash(bytes, range)
        var slot = Int(truncatingIfNeeded: hash) & self.mask
        while self.slots[slot] != 0 {
            let entry = Int(self.slots[slot]) - 1
            if self.hashes[entry] == hash, self.equals(entry, bytes, range) { return entry }
            slot = (slot + 1) & self.mask
        }
        return nil
    }

    /// The number of a string, and whether it is a new one.
    public mutating func insert(_ bytes: Span<UInt8>, _ range: ByteRange) -> (number: Int, isNew: Bool) {
        let hash = self.hash(bytes, range)
        var slot = Int(truncatingIfNeeded: hash) & self.mask
        while self.slots[slot] != 0 {
            let entry = Int(self.slots[slot]) - 1
            if self.hashes[entry] == hash, self.equals(entry, bytes, range) { return (entry, false) }
            slot = (slot + 1) & self.mask
        }
        let entry = self.ends.count
        bytes.part(range.start, range.end).withUnsafeBufferPointer { self.arena.append(contentsOf: $0) }
        self.ends.append(self.arena.count)
        self.hashes.append(hash)
        self.slots[slot] = Int32(truncatingIfNeeded: entry + 1)
        if self.ends.count * 2 > self.slots.count { self.grow() }
        return (entry, true)
    }

    /// The string of a number.
    public subscript(number: Int) -> ArraySlice<UInt8> {
        guard number >= 0, number < self.ends.count else { return [] }
        return self.arena[(number == 0 ? 0 : self.ends[number - 1])..<self.ends[number]]
    }

    private func equals(_ entry: Int, _ bytes: Span<UInt8>, _ range: ByteRange) -> Bool {
        let start = entry == 0 ? 0 : self.ends[entry - 1]
        guard self.ends[entry] - start == range.count else { return false }
        return bytes.equals(range, self.arena.span, ByteRange(start, self.ends[entry]))
    }

    private mutating func grow() {
        self.slots = [Int32](repeating: 0, count: self.slots.count * 2)
        self.mask = self.slots.count - 1
        for entry in self.hashes.indices {
            var slot = Int(truncatingIfNeeded: self.hashes[entry]) & self.mask
            while self.slots[slot] != 0 { slot = (slot + 1) & self.mask }
            self.slots[slot] = Int32(truncatingIfNeeded: entry + 1)
        }
    }

    private func hash(_ bytes: Span<UInt8>, _ range: ByteRange) -> UInt64 {
        QuickHash.hash(bytes.part(range.start, range.end), seed: self.seed)
    }
}

/// A fast keyed hash for tables: eight bytes a step, multiplied and folded.
enum QuickHash {
    static func hash(_ bytes: Span<UInt8>, seed: UInt64) -> UInt64 {
        var state = seed ^ UInt64(truncatingIfNeeded: bytes.count) &* 0x9E37_79B9_7F4A_7C15
        var at = 0
        while at &+ 8 <= bytes.count {
            state = Self.mix(state ^ bytes.u64(at))
            at &+= 8
        }
        var tail: UInt64 = 0
        while at < bytes.count {
            tail = tail << 8 | UInt64(bytes.u8(at))
            at &+= 1
        }
        return Self.mix(Self.mix(state ^ tail) &+ seed)
    }

    @inline(__always)
    static func mix(_ value: UInt64) -> UInt64 {
        let (high, low) = value.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return high ^ low
    }
}
