/// Eight bytes in one number, the first byte lowest: what is searched eight at a time.
@frozen
public struct ByteWord: Sendable, BitwiseCopyable {
    public var bits: UInt64

    @inlinable @inline(__always)
    public init(_ bits: UInt64) { self.bits = bits }

    @inlinable @inline(__always)
    public init(repeating byte: UInt8) { self.bits = UInt64(byte) &* 0x0101_0101_0101_0101 }

    /// The place, 0 to 7, of the first byte that is the one `wanted` repeats, or `nil`.
    ///
    /// A byte that is zero borrows from its own bit 7. The borrow can mark a byte above it wrongly, never one below, so
    /// the lowest mark is always right.
    @inlinable @inline(__always)
    public func firstPlace(of wanted: ByteWord) -> Int? {
        let difference = self.bits ^ wanted.bits
        let marks = (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
        return marks == 0 ? nil : marks.trailingZeroBitCount &>> 3
    }
}
