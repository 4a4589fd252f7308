import SIPKit

/// What a number of requests came to: the summary of every output format.
struct ProbeTally: Sendable, Equatable {
    private(set) var sent = 0
    private(set) var answered = 0
    /// Answered with a code that counts as good.
    private(set) var good = 0
    private(set) var retransmissions = 0
    private(set) var codes: [Int: Int] = [:]
    private(set) var samples = LatencySamples()
    /// The last answer's code and reason, for one-line reports.
    private(set) var lastAnswer: (code: Int, reason: String)?

    var lost: Int { self.sent - self.answered }
    /// Percent of the requests that nobody answered.
    var loss: Double { self.sent == 0 ? 0 : Double(self.lost) * 100 / Double(self.sent) }

    mutating func answer(_ message: SIPMessage, time: Duration, isGood: Bool, retransmissions: Int) {
        self.sent += 1
        self.answered += 1
        self.good += isGood ? 1 : 0
        self.retransmissions += retransmissions
        self.codes[message.statusCode, default: 0] += 1
        self.samples.add(time)
        self.lastAnswer = (message.statusCode, Printable.text(message[message.reason]))
    }

    mutating func loss(retransmissions: Int) {
        self.sent += 1
        self.retransmissions += retransmissions
    }

    /// Takes in what another part of the run came to.
    mutating func merge(_ other: ProbeTally) {
        self.sent += other.sent
        self.answered += other.answered
        self.good += other.good
        self.retransmissions += other.retransmissions
        for (code, count) in other.codes { self.codes[code, default: 0] += count }
        self.samples.merge(other.samples)
        if let answer = other.lastAnswer { self.lastAnswer = answer }
    }

    /// Sent without waiting for answers.
    mutating func flood(_ count: Int) { self.sent += count }

    /// What a load came to.
    mutating func load(_ outcome: LoadOutcome) {
        self.sent += outcome.sent
        self.answered += outcome.answered
        self.good += outcome.good
        self.retransmissions += outcome.retransmissions
        for (code, count) in outcome.codes { self.codes[code, default: 0] += count }
        self.samples.merge(outcome.times)
    }

    static func == (left: ProbeTally, right: ProbeTally) -> Bool {
        left.sent == right.sent && left.answered == right.answered && left.good == right.good
            && left.retransmissions == right.retransmissions && left.codes == right.codes
            && left.samples == right.samples
    }
}
