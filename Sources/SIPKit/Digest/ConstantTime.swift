/// Comparing secrets without telling by the time it takes how far they agree.
enum ConstantTime {
    /// Equal length and equal bytes. A different length shows; lengths are public here.
    static func equal(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in 0..<left.count { difference |= left[unchecked: index] ^ right[unchecked: index] }
        return difference == 0
    }
}
