/// A fast hash of bytes under a secret, 128 bits wide: two messages with one hash are the same for us.
///
/// The key is drawn at start (by the rim: this file knows no randomness), so that a stranger cannot aim requests at
/// one bucket, nor guess a branch that finds somebody's transaction. Multiply-and-fold over 8-byte words; it is no
/// cryptographic hash, and nothing secret is kept under it.
public struct KeyedHash: Sendable {
    public struct Value: Hashable, Sendable, BitwiseCopyable {
        public var high: UInt64
        public var low: UInt64
        @inlinable public init(high: UInt64, low: UInt64) {
            self.high = high
            self.low = low
        }
    }

    /// What the lanes are multiplied by: from the key, odd and never zero, so that the multiplication loses nothing.
    @usableFromInline let factors: (UInt64, UInt64)
    @usableFromInline var a: UInt64
    @usableFromInline var b: UInt64

    public init(key: (UInt64, UInt64)) {
        self.factors = (key.1 ^ 0xA076_1D64_78BD_642F | 1, key.0 ^ 0xE703_7ED1_A0B4_28DB | 1)
        self.a = key.0 ^ 0x9E37_79B9_7F4A_7C15
        self.b = key.1 ^ 0xC2B2_AE3D_27D4_EB4F
    }

    @inlinable @inline(__always)
    public mutating func combine(_ word: UInt64) {
        let first = (self.a ^ word).multipliedFullWidth(by: self.factors.0)
        let second = (self.b &+ word).multipliedFullWidth(by: self.factors.1)
        self.a = first.high ^ first.low ^ self.b
        self.b = second.high ^ second.low &+ word
    }

    /// Two words for the price of one. Each lane sees both, so that none of them can be changed without changing both.
    @inline(__always)
    private mutating func combine(_ word: UInt64, _ next: UInt64) {
        let first = (self.a ^ word).multipliedFullWidth(by: self.factors.0 ^ next)
        let second = (self.factors.1 ^ word).multipliedFullWidth(by: self.b ^ next)
        self.a = first.high ^ first.low ^ self.b
        self.b = second.high ^ second.low &+ word
    }

    /// Takes in the bytes of a range and its length.
    public mutating func combine(_ bytes: Span<UInt8>, _ range: ByteRange) {
        var at = range.start
        let end = Swift.min(range.end, bytes.count)
        while at &+ 16 <= end {
            self.combine(bytes.word(unchecked: at), bytes.word(unchecked: at &+ 8))
            at &+= 16
        }
        if at &+ 8 <= end {
            self.combine(bytes.word(unchecked: at))
            at &+= 8
        }
        var word: UInt64 = 0
        if at < end, end &- range.start >= 8 {
            // The last eight bytes, some of them once more: with the length this tells all texts apart.
            word = bytes.word(unchecked: end &- 8)
        } else {
            while at < end {
                word = word &<< 8 | UInt64(bytes[unchecked: at])
                at &+= 1
            }
        }
        self.combine(word ^ UInt64(truncatingIfNeeded: range.count) &<< 56)
    }

    @inlinable
    public var value: Value {
        var copy = self
        copy.combine(0x5851_F42D_4C95_7F2D)
        return Value(high: copy.a, low: copy.b)
    }
}
