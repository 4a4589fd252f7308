/// Writing at the end of a byte array without a detour over `String`: what the message path uses.
extension Array where Element == UInt8 {
    @inlinable
    public mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { self.append(contentsOf: $0) }
    }

    @inlinable
    public mutating func append(_ source: Span<UInt8>, _ range: ByteRange) {
        let end = Swift.min(range.end, source.count)
        let start = Swift.min(range.start, end)
        guard start < end else { return }
        unsafe source.withUnsafeBufferPointer {
            self.append(contentsOf: UnsafeBufferPointer(rebasing: $0[start..<end]))
        }
    }

    /// A number in decimal digits.
    @inlinable
    public mutating func append(decimal number: UInt64) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var rest = number
        var start = 20
        repeat {
            start &-= 1
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            digits[start] = 0x30 &+ UInt8(truncatingIfNeeded: digit)
            rest = quotient
        } while rest > 0
        unsafe digits.span.withUnsafeBufferPointer {
            self.append(contentsOf: UnsafeBufferPointer(rebasing: $0[start...]))
        }
    }

    /// A number as hexadecimal digits, as many as `width` says (at most 16).
    @inlinable
    public mutating func append(hex number: UInt64, width: Int) {
        var digits = InlineArray<16, UInt8>(repeating: 0)
        let count = Swift.min(width, 16)
        var rest = number
        var place = count
        while place > 0 {
            place &-= 1
            digits[place] = ASCII.hexDigit(UInt8(truncatingIfNeeded: rest & 15))
            rest = rest &>> 4
        }
        unsafe digits.span.withUnsafeBufferPointer {
            self.append(contentsOf: UnsafeBufferPointer(rebasing: $0[..<count]))
        }
    }
}
