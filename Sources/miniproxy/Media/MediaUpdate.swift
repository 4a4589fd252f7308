import SIPKit

/// What one message with a session description tells the relay.
struct MediaUpdate: Sendable {
    struct Stream: Sendable, Equatable {
        var kind: [UInt8]
        /// Where its sender wants to receive; `nil` on hold (0.0.0.0) and for a stream that is turned off (port 0).
        var address: SocketAddress?
        /// A stream with port 0 keeps its place and gets no port.
        var isOff: Bool
        /// Where it wants RTCP, if that is not the port behind (RFC 3605).
        var control: SocketAddress?
    }

    var callID: [UInt8]
    /// The tag of who sends the description, and of who gets it (empty in a first offer).
    var senderTag: [UInt8]
    var receiverTag: [UInt8]
    /// A request with a description makes a session; an answer without one finds nothing.
    var mayBegin: Bool
    /// An answer that the call does not begin with yet, and one that it begins with.
    var isProvisional = false
    var confirms = false
    /// The place of the first of the streams in the description; rtpproxy's commands bring them one by one.
    var firstStream = 0
    var streams: [Stream]
    /// Where the message came from.
    var source: IPAddress
    /// The address of ours that it came to, and that the receiver can be reached from, where known.
    var senderFacing: IPAddress
    var receiverFacing: IPAddress
    var isAsymmetric = false
    /// The address in the description is believed as it is: nothing is learned (flag `r` of rtpproxy).
    var isTrusted = false
    /// For lists: the URIs of From and To.
    var from: [UInt8] = []
    var to: [UInt8] = []
}

/// Why the relay does not serve.
enum MediaError: Error, Equatable, CustomStringConvertible {
    case noSession
    case noPorts
    case tooManySessions
    case tooManyStreams
    case noAddress

    var description: String {
        switch self {
        case .noSession: "no media session of this call"
        case .noPorts: "no free pair of ports in the range of the media relay"
        case .tooManySessions: "the media relay has as many calls as it may have"
        case .tooManyStreams: "more media streams than the relay takes"
        case .noAddress: "the media relay has no address of the family that is needed"
        }
    }
}

/// A session as lists show it.
struct MediaReport: Sendable, Equatable {
    struct Side: Sendable, Equatable {
        /// The relay's own port for this side.
        var local: SocketAddress
        var announced: SocketAddress?
        /// Where its packets really come from.
        var learned: SocketAddress?
        var rtp: MediaCounters
        var rtcp: MediaCounters
    }
    struct Stream: Sendable, Equatable {
        var kind: [UInt8]
        var caller: Side
        var callee: Side
        var isOnHold: Bool
    }

    var callID: [UInt8]
    var callerTag: [UInt8]
    var from: [UInt8]
    var to: [UInt8]
    /// Seconds since the first offer, and since the last packet of anybody.
    var age: Int64
    var silence: Int64
    var isAnswered: Bool
    var streams: [Stream]
}
