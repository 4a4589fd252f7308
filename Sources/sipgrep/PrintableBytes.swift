/// The rule for bytes on a terminal: printable ASCII stays, everything else is replaced. Nothing that a stranger sends
/// can move the cursor, change colours or rename the window.
enum PrintableBytes {
    /// Copies `count` bytes, 32 at a time.
    @inline(__always)
    static func map(
        _ input: UnsafePointer<UInt8>, _ count: Int, to output: UnsafeMutablePointer<UInt8>, keepingLF: Bool,
        other: UInt8
    ) {
        var at = 0
        let fill = SIMD32<UInt8>(repeating: other)
        while at &+ 32 <= count {
            let chunk = UnsafeRawPointer(input + at).loadUnaligned(as: SIMD32<UInt8>.self)
            // One comparison for both ends: 0x20...0x7E moves to 0...0x5E, all else is above.
            var bad = (chunk &- 0x20) .> 0x5E
            if keepingLF { bad = bad .& (chunk .!= 0x0A) }
            UnsafeMutableRawPointer(output + at).storeBytes(
                of: chunk.replacing(with: fill, where: bad), as: SIMD32<UInt8>.self)
            at &+= 32
        }
        while at < count {
            let byte = input[at]
            output[at] = Self.isPrintable(byte) || keepingLF && byte == 0x0A ? byte : other
            at &+= 1
        }
    }

    @inline(__always)
    static func isPrintable(_ byte: UInt8) -> Bool { byte &- 0x20 <= 0x5E }
}
