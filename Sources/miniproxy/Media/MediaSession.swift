import SIPKit

/// The two ends of a call.
enum MediaSide: Int, Sendable, CaseIterable {
    case caller, callee

    var other: MediaSide { self == .caller ? .callee : .caller }
}

/// One `m=` line: for each side an RTP and an RTCP port that talk with that side.
struct MediaStream {
    /// `audio`, `video` …
    var kind: [UInt8]
    /// Places in the relay's list of ports: RTP and RTCP of the caller's side, then of the callee's.
    var ports: [Int]
    /// Whether a description has turned it off (port 0) or put it on hold, by side.
    var isOnHold = [false, false]

    func rtp(_ side: MediaSide) -> Int { self.ports[side.rawValue * 2] }
    func rtcp(_ side: MediaSide) -> Int { self.ports[side.rawValue * 2 + 1] }
}

/// The media of one call.
struct MediaSession {
    struct Key: Hashable, Sendable {
        var callID: [UInt8]
        var callerTag: [UInt8]
    }

    let callID: [UInt8]
    /// The From tag of the first offer: who has it is the caller.
    let callerTag: [UInt8]
    /// The tag of the last answer; empty before there was one. Another one is another branch of a forked call.
    var calleeTag: [UInt8] = []
    var streams: [MediaStream] = []
    let began: MonotonicTime
    /// A description has come from the callee.
    var isAnswered = false
    /// The callee has taken the call (2xx).
    var isConfirmed = false
    /// For lists.
    var from: [UInt8]
    var to: [UInt8]

    var key: Key { Key(callID: self.callID, callerTag: self.callerTag) }

    func side(ofTag tag: [UInt8]) -> MediaSide { tag == self.callerTag ? .caller : .callee }
}
