import SIPKit

/// What is to be sent when the batch has been worked off: memory of the pool, and where to.
struct Outgoing: BitwiseCopyable {
    var memory: UnsafeMutableRawPointer
    var count: Int
    var peer: Peer

    var bytes: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: self.memory.assumingMemoryBound(to: UInt8.self), count: self.count)
    }
}
