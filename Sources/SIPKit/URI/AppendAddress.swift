extension Array where Element == UInt8 {
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

extension TextBuffer {
    /// An address: `192.0.2.1`, or IPv6 in brackets as a URI and a Via want it.
    public mutating func append(host address: IPAddress) {
        switch address.family {
        case .v4:
            self.append(decimal: address.low &>> 24 & 255)
            self.append(ASCII.dot)
            self.append(decimal: address.low &>> 16 & 255)
            self.append(ASCII.dot)
            self.append(decimal: address.low &>> 8 & 255)
            self.append(ASCII.dot)
            self.append(decimal: address.low & 255)
        case .v6:
            self.append(ASCII.openBracket)
            self.append(contentsOf: address.description.utf8)
            self.append(ASCII.closeBracket)
        }
    }
}
