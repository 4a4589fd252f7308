import SIPKit
import SIPNet

/// One socket of the relay, with what it believes and what it has counted.
struct MediaPort {
    let endpoint: UDPEndpoint
    var latch = MediaLatch()
    var counters = MediaCounters()

    /// One packet of a video stream fits; nothing that is longer travels without fragments.
    static var options: UDPEndpoint.Options {
        var options = UDPEndpoint.Options()
        options.receiveBuffer = 256 << 10
        options.sendBuffer = 256 << 10
        options.batch = 16
        options.datagramSize = 4_096
        options.queueCapacity = 32
        options.copySpace = 64 << 10
        // Expedited forwarding, as phones mark it.
        options.trafficClass = 0xB8
        return options
    }
}

/// What one socket has seen.
struct MediaCounters: Sendable, Equatable {
    /// Packets taken from the side that the port belongs to.
    var packets: UInt64 = 0
    var bytes: UInt64 = 0
    /// Of those that the other side was not known for yet.
    var unsent: UInt64 = 0
    /// From somebody who has no part in the call.
    var foreign: UInt64 = 0
    var last = MonotonicTime.zero
    /// Of the last packet of RTP: what is spoken.
    var payloadType: UInt8?
}
