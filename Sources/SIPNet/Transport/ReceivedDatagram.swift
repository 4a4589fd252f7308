import CSockets
import SIPKit

/// One datagram of a batch, where the kernel put it. Valid until the endpoint's next `receive()`.
public struct ReceivedDatagram {
    /// The bytes may be changed in place; nobody else reads them.
    public let bytes: UnsafeMutableBufferPointer<UInt8>
    public let source: SocketAddress
    /// To which of our addresses it was sent; `nil` unless the endpoint is bound to a wildcard.
    public let destination: IPAddress?
    /// When the kernel took it, in nanoseconds since 1970; 0 unless `timestamps` was asked for.
    public let timestamp: Int64
    /// Whether it was longer than the endpoint's `datagramSize`, so that its end is missing.
    public let isTruncated: Bool

    public var span: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let span = unsafe Span(_unsafeElements: UnsafeBufferPointer(self.bytes))
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }
}

/// What one `receive()` brought: walk it by index.
public struct ReceivedBatch {
    let datagrams: UnsafeMutablePointer<csockets_datagram>
    public let count: Int

    public var isEmpty: Bool { self.count == 0 }

    @inline(__always)
    public subscript(index: Int) -> ReceivedDatagram {
        precondition(index >= 0 && index < self.count, "a batch is walked from 0 to its count")
        let plain = self.datagrams[index]
        return ReceivedDatagram(
            bytes: UnsafeMutableBufferPointer(start: plain.bytes, count: Int(plain.count)),
            source: SocketAddress(plain.source) ?? SocketAddress(.anyV4, 0),
            destination: IPAddress(plain.destination),
            timestamp: plain.timestamp,
            isTruncated: plain.truncated != 0)
    }
}
