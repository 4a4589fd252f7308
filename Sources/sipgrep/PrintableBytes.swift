import SIPKit

/// The rule for bytes on a terminal: printable ASCII stays, everything else is replaced. Nothing that a stranger sends
/// can move the cursor, change colours or rename the window.
enum PrintableBytes {
    /// Copies `count` bytes. The loop has no branch, so that the compiler turns it into vector instructions.
    @inline(never)
    static func map(
        _ input: UnsafePointer<UInt8>, _ count: Int, to output: UnsafeMutablePointer<UInt8>, keepingLF: Bool,
        other: UInt8
    ) {
        // A blank is kept anyway, so that "keep the LF too" needs no second loop.
        let kept = keepingLF ? ASCII.lf : ASCII.space
        var at = 0
        while at < count {
            let byte = input[at]
            output[at] = byte &- 0x20 <= 0x5E || byte == kept ? byte : other
            at &+= 1
        }
    }

    @inline(__always)
    static func isPrintable(_ byte: UInt8) -> Bool { byte &- 0x20 <= 0x5E }
}
