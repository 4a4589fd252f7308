/// What an endpoint has done since it was made.
public struct UDPStatistics: Equatable, Sendable {
    public var received: UInt64 = 0
    /// `recvmmsg` calls that brought something; `received / batches` tells how well batching works.
    public var batches: UInt64 = 0
    /// Datagrams longer than `datagramSize`.
    public var truncated: UInt64 = 0
    public var sent: UInt64 = 0
    /// Datagrams that found the send queue full.
    public var dropped: UInt64 = 0
    /// Datagrams the kernel refused to send; `nextError()` has said why.
    public var failed: UInt64 = 0
}
