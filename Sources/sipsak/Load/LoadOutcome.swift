import SIPKit

/// What a load came to, whichever engine made it.
struct LoadOutcome: Sendable {
    var sent = 0
    var answered = 0
    var good = 0
    var lost = 0
    var retransmissions = 0
    var strays = 0
    var codes: [Int: Int] = [:]
    /// From the last send to the final answer.
    var times = LatencySamples()
    /// From the moment when it should have been sent to the final answer.
    var corrected = LatencySamples()
    var lateness = LatencySamples()
    var elapsed: Duration = .zero
    var isInterrupted = false
    /// The errno that ICMP told.
    var refused: Int32?

    var status: ExitStatus {
        if self.isInterrupted { return .interrupted }
        return self.answered == 0 && self.sent > 0 ? .remote : self.good == self.sent ? .ok : .rejected
    }
}
