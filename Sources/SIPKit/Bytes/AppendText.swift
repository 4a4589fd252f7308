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

    /// An address: `192.0.2.1`, or IPv6 in brackets as a URI and a Via want it.
    public mutating func append(host address: IPAddress) {
        switch address.family {
        case .v4:
            var text = InlineArray<16, UInt8>(repeating: 0)
            var count = 0
            for shift in 0..<4 {
                if shift > 0 {
                    text[count] = ASCII.dot
                    count &+= 1
                }
                let part = UInt8(truncatingIfNeeded: address.low &>> UInt64(24 &- shift &* 8))
                if part > 99 {
                    text[count] = 0x30 &+ part / 100
                    count &+= 1
                }
                if part > 9 {
                    text[count] = 0x30 &+ part / 10 % 10
                    count &+= 1
                }
                text[count] = 0x30 &+ part % 10
                count &+= 1
            }
            unsafe text.span.withUnsafeBufferPointer {
                self.append(contentsOf: UnsafeBufferPointer(rebasing: $0[..<count]))
            }
        case .v6:
            self.append(ASCII.openBracket)
            self.append(contentsOf: address.description.utf8)
            self.append(ASCII.closeBracket)
        }
    }
}
