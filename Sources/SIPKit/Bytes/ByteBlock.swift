import CBytes

/// Searching sixteen bytes at a time.
extension Span where Element == UInt8 {
    /// The first place in the range whose byte is marked, or the range's end.
    ///
    /// - Parameter marks: one bit for each of sixteen bytes, the first byte's lowest. It also gets bytes from outside of
    ///   the range; what it says of them does not count.
    @inline(__always)
    func firstPlace(in range: ByteRange, _ marks: (SIMD16<UInt8>) -> UInt32) -> Int {
        var at = range.start
        let end = Swift.min(range.end, self.count)
        while at < end {
            var found: UInt32
            if at &+ 16 <= self.count {
                found = marks(self.block(unchecked: at))
            } else {
                // The last sixteen bytes, those before the place shifted out.
                let start = self.count &- 16
                found = marks(start >= 0 ? self.block(unchecked: start) : self.shortBlock())
                found = found &>> UInt32(truncatingIfNeeded: at &- Swift.max(start, 0))
            }
            if found != 0 { return Swift.min(at &+ found.trailingZeroBitCount, end) }
            at &+= 16
        }
        return Swift.max(end, range.start)
    }

    /// Sixteen bytes, where `0 <= offset <= count - 16` has just been made sure of.
    @inline(__always)
    func block(unchecked offset: Int) -> SIMD16<UInt8> {
        unsafe self.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: SIMD16<UInt8>.self)
    }

    /// The bytes where there are less than sixteen in all, and zeros behind them.
    @inline(never)
    private func shortBlock() -> SIMD16<UInt8> {
        var block = SIMD16<UInt8>(repeating: 0)
        for place in 0..<Swift.min(self.count, 16) { block[place] = self[unchecked: place] }
        return block
    }

    /// The first place of `byte` in the range, or `nil`.
    public func firstIndex(of byte: UInt8, in range: ByteRange) -> Int? {
        let place = self.firstPlace(in: range) { cbytes_equal($0, byte) }
        return place < Swift.min(range.end, self.count) ? place : nil
    }

    /// The place of the first control byte or space in the range, or `nil`.
    public func firstControlOrSpace(in range: ByteRange) -> Int? {
        let place = self.firstPlace(in: range) { cbytes_control_or_space($0) }
        return place < Swift.min(range.end, self.count) ? place : nil
    }
}
