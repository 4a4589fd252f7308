/// Fixed-width numbers in network order, read where they lie.
///
/// The functions are total: what lies outside reads as 0. A decoder checks the length of its header first, so that 0
/// never stands for data; if one forgets, it is wrong about a packet instead of ending the process.
extension Span where Element == UInt8 {
    @inline(__always)
    func u8(_ at: Int) -> Int {
        at >= 0 && at < self.count ? Int(self[unchecked: at]) : 0
    }

    @inline(__always)
    func u16(_ at: Int) -> Int {
        guard at >= 0, at &+ 2 <= self.count else { return 0 }
        return Int(self[unchecked: at]) << 8 | Int(self[unchecked: at &+ 1])
    }

    @inline(__always)
    func u32(_ at: Int) -> UInt32 {
        guard at >= 0, at &+ 4 <= self.count else { return 0 }
        return UInt32(self[unchecked: at]) << 24 | UInt32(self[unchecked: at &+ 1]) << 16
            | UInt32(self[unchecked: at &+ 2]) << 8 | UInt32(self[unchecked: at &+ 3])
    }

    @inline(__always)
    func u64(_ at: Int) -> UInt64 { UInt64(self.u32(at)) << 32 | UInt64(self.u32(at &+ 4)) }

    /// Part of the bytes; a range that reaches outside is cut.
    @_lifetime(copy self)
    @inline(__always)
    func part(_ start: Int, _ end: Int) -> Span<UInt8> {
        let last = Swift.min(Swift.max(end, 0), self.count)
        let first = Swift.min(Swift.max(start, 0), last)
        return self.extracting(unchecked: first..<last)
    }
}
