import SIPKit

/// Where calls were sent to, and whether anybody answered there.
struct NextHop: Sendable, Equatable, Codable {
    let address: SocketAddress
    var calls = 0
    var answered = 0
    /// Calls without any reply.
    var silent = 0
    /// The same, one after another, up to now.
    var silentInARow = 0
    var lastAnswer: Int64? = nil

    static let maxHops = 10_000

    /// - Returns: whether anybody answered there.
    @discardableResult
    mutating func add(_ facts: CallFacts, _ records: [ExchangeRecord], copy: Int) -> Bool {
        self.calls += 1
        if facts.isAnswered { self.answered += 1 }
        let reply = records.indices.last { $0 > copy && records[$0].source == self.address }
        guard let reply else {
            self.silent += 1
            self.silentInARow += 1
            return false
        }
        self.silentInARow = 0
        self.lastAnswer = records[reply].time
        return true
    }

    /// Takes calls out again; the row of silent ones stays, whoever made them.
    mutating func subtract(_ other: NextHop) {
        self.calls -= other.calls
        self.answered -= other.answered
        self.silent -= other.silent
    }
}
