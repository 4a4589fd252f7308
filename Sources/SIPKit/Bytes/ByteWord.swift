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

    /// Whether a byte may end the value of a header parameter: one below `-`, or a semicolon. Some of those below belong
    /// to values (`+`, `%`, `!`), so this tells only where all eight bytes can be passed at once.
    @inlinable @inline(__always)
    public var mayEndParameter: Bool {
        let below = (self.bits &- 0x2D2D_2D2D_2D2D_2D2D) & ~self.bits
        let semicolon = self.bits ^ 0x3B3B_3B3B_3B3B_3B3B
        return (below | (semicolon &- 0x0101_0101_0101_0101) & ~semicolon) & 0x8080_8080_8080_8080 != 0
    }

    /// Whether one of the bytes is a control (0 to 0x1F, 0x7F) or a space.
    @inlinable @inline(__always)
    public var hasControlOrSpace: Bool {
        let below = (self.bits &- 0x2121_2121_2121_2121) & ~self.bits
        let delete = self.bits ^ 0x7F7F_7F7F_7F7F_7F7F
        return (below | (delete &- 0x0101_0101_0101_0101) & ~delete) & 0x8080_8080_8080_8080 != 0
    }
}

extension Span where Element == UInt8 {
    /// The place of the first control byte or space in the range, or `nil`.
    @inlinable
    public func firstControlOrSpace(in range: ByteRange) -> Int? {
        var at = range.start
        let end = Swift.min(range.end, self.count)
        while at &+ 8 <= end, !ByteWord(self.word(at: at)).hasControlOrSpace { at &+= 8 }
        while at < end {
            let byte = self[unchecked: at]
            if byte <= ASCII.space || byte == 0x7F { return at }
            at &+= 1
        }
        return nil
    }
}
