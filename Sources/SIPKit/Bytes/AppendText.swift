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
        if number < 10 {
            self.append(0x30 &+ UInt8(truncatingIfNeeded: number))
            return
        }
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var rest = number
        var count = 0
        while rest > 0 {
            digits[count] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
            count &+= 1
        }
        while count > 0 {
            count &-= 1
            self.append(digits[count])
        }
    }

    /// A number as hexadecimal digits, as many as `width` says.
    @inlinable
    public mutating func append(hex number: UInt64, width: Int) {
        var shift = UInt64(width &* 4)
        while shift > 0 {
            shift &-= 4
            self.append(ASCII.hexDigit(UInt8(truncatingIfNeeded: number &>> shift)))
        }
    }

    /// An address: `192.0.2.1`, or IPv6 in brackets as a URI and a Via want it.
    public mutating func append(host address: IPAddress) {
        switch address.family {
        case .v4:
            self.append(decimal: address.low >> 24 & 255)
            self.append(ASCII.dot)
            self.append(decimal: address.low >> 16 & 255)
            self.append(ASCII.dot)
            self.append(decimal: address.low >> 8 & 255)
            self.append(ASCII.dot)
            self.append(decimal: address.low & 255)
        case .v6:
            self.append(ASCII.openBracket)
            self.append(contentsOf: address.description.utf8)
            self.append(ASCII.closeBracket)
        }
    }
}
