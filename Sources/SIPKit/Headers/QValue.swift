/// A preference from 0 to 1 with at most three decimals (RFC 3261 §25.1 `qvalue`), in thousandths.
public struct QValue: Sendable, Equatable, Comparable {
    public var thousandths: Int16

    /// - Parameter thousandths: cut to 0...1000.
    public init(thousandths: Int16) { self.thousandths = Swift.min(1000, Swift.max(0, thousandths)) }

    /// Reads `0`, `1`, `0.7`, `.7`, `1.000`; further decimals are passed over. `nil` for anything else.
    public init?(parsing bytes: Span<UInt8>, _ range: ByteRange) {
        var cursor = ByteCursor(bytes, range)
        let whole = cursor.take(while: ASCII.isDigit)
        var value = 0
        if !whole.isEmpty {
            guard let number = ASCII.number(bytes, whole, limit: 1) else { return nil }
            value = Int(number) * 1000
        }
        if cursor.skip(ASCII.dot) {
            var weight = 100
            let decimals = cursor.take(while: ASCII.isDigit)
            guard !decimals.isEmpty || !whole.isEmpty else { return nil }
            for place in decimals.indices {
                value += Int(bytes[place] - ASCII.zero) * weight
                weight /= 10
            }
        } else if whole.isEmpty {
            return nil
        }
        guard cursor.isAtEnd, value <= 1000 else { return nil }
        self.thousandths = Int16(value)
    }

    /// Writes as few digits as say it: `1`, `0.5`, `0.25`, `0`.
    public func append(to output: inout [UInt8]) {
        output.append(decimal: UInt64(self.thousandths / 1000))
        var rest = UInt64(self.thousandths % 1000)
        guard rest > 0 else { return }
        output.append(ASCII.dot)
        var weight: UInt64 = 100
        while rest > 0 {
            output.append(decimal: rest / weight)
            rest %= weight
            weight /= 10
        }
    }

    public static func < (left: QValue, right: QValue) -> Bool { left.thousandths < right.thousandths }
}
