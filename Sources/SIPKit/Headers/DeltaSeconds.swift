/// A number of seconds as Expires, Min-Expires, Retry-After and the `expires` parameter write it (RFC 3261 §25.1).
public struct DeltaSeconds: Sendable, Equatable {
    public var seconds: UInt32

    public init(_ seconds: UInt32) { self.seconds = seconds }

    /// Reads the digits of `range`. A number over 2^32-1 counts as 2^32-1 (RFC 3261 §20.19 lets a registrar do so); quotes are taken off, as some phones write them.
    ///
    /// - Returns: `nil` for what is no number: the RFC lets that count as a default, which the caller knows.
    public init?(parsing bytes: Span<UInt8>, _ range: ByteRange) {
        var range = range
        if range.count >= 2, bytes[range.start] == ASCII.quote, bytes[range.end - 1] == ASCII.quote {
            range = ByteRange(range.start + 1, range.end - 1)
        }
        guard !range.isEmpty, range.end <= bytes.count else { return nil }
        for place in range.indices where !ASCII.isDigit(bytes[place]) { return nil }
        let number = ASCII.number(bytes, range, limit: UInt64(UInt32.max)) ?? UInt64(UInt32.max)
        self.seconds = UInt32(truncatingIfNeeded: number)
    }
}
