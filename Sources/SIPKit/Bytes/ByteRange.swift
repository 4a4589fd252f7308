/// Where something stands in a message: coordinates, not a copy.
///
/// A parsed message is its buffer plus such ranges, so reading a value allocates nothing. Four bytes each are enough:
/// a message is at most 16 MiB (`docs/limits.md`).
@frozen
public struct ByteRange: Hashable, Sendable, BitwiseCopyable {
    public var lower: UInt32
    public var upper: UInt32

    @inlinable @inline(__always)
    public init(_ lower: Int, _ upper: Int) {
        self.lower = UInt32(truncatingIfNeeded: lower)
        self.upper = UInt32(truncatingIfNeeded: upper)
    }

    @inlinable @inline(__always) public static var none: ByteRange { ByteRange(0, 0) }
    @inlinable @inline(__always) public var start: Int { Int(self.lower) }
    @inlinable @inline(__always) public var end: Int { Int(self.upper) }
    @inlinable @inline(__always) public var count: Int { Int(self.upper) &- Int(self.lower) }
    @inlinable @inline(__always) public var isEmpty: Bool { self.lower >= self.upper }
    @inlinable public var indices: Range<Int> { self.start..<Swift.max(self.start, self.end) }
}
