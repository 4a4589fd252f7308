import SIPKit
import SIPTrace

/// How calls ended by Call-ID, for comparison with a server's accounting: kept only where a log of a server is read.
struct OutcomeLedger: Sendable, Codable {
    struct Outcome: Sendable, Equatable, Codable {
        /// The final answer's status as the caller got it, 0 without one; and when that was, or when the call began.
        var status: Int
        var time: Int64
        var isRelayed: Bool
    }

    static let maxCalls = 200_000
    private(set) var calls: [String: Outcome] = [:]
    /// Whether a log is expected, or a line of accounting has been read.
    var isWanted = false

    mutating func note(_ context: CallContext, _ facts: CallFacts) {
        let callID = context.callID
        guard self.calls[callID] != nil || self.calls.count < Self.maxCalls else { return }
        // A call that was judged early comes in two parts: what was answered stays answered.
        if let known = self.calls[callID], known.status / 100 == 2 { return }
        self.calls[callID] = Outcome(
            status: facts.status, time: context.records[facts.final ?? facts.firstInvite].time,
            isRelayed: facts.inviteCopy != nil)
    }
}
