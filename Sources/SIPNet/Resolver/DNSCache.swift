import SIPKit

/// Answers for as long as they hold, yes and no alike; bounded.
struct DNSCache {
    private struct Entry {
        var answer: DNSAnswer
        var end: MonotonicTime
    }

    private var entries: [DNSQuestion: Entry] = [:]
    private let limit: Int
    /// No answer is kept longer than this, in seconds: an operator who mends a record is not kept waiting for a week.
    static let longest: UInt32 = 3_600
    /// What failed is asked again after this, in seconds.
    static let failure: UInt32 = 5

    init(limit: Int) { self.limit = limit }

    var count: Int { self.entries.count }

    /// The answer, with the seconds it has left.
    func answer(_ question: DNSQuestion, now: MonotonicTime) -> DNSAnswer? {
        guard let entry = self.entries[question], entry.end > now else { return nil }
        var answer = entry.answer
        answer.lifetime = UInt32(clamping: entry.end.nanoseconds(since: now) / 1_000_000_000)
        return answer
    }

    mutating func keep(_ answer: DNSAnswer, for question: DNSQuestion, now: MonotonicTime) {
        guard answer.lifetime > 0 else {
            self.entries[question] = nil
            return
        }
        if self.entries.count >= self.limit, self.entries[question] == nil { self.makeRoom(now) }
        let seconds = Int64(Swift.min(answer.lifetime, Self.longest))
        self.entries[question] = Entry(answer: answer, end: now.adding(milliseconds: seconds * 1_000))
    }

    mutating func clear() { self.entries.removeAll() }

    /// Drops what has ended, else everything: names that strangers choose must not push out more than a moment's worth.
    private mutating func makeRoom(_ now: MonotonicTime) {
        self.entries = self.entries.filter { $0.value.end > now }
        guard self.entries.count >= self.limit else { return }
        let soonest = self.entries.map(\.value.end).sorted()[self.entries.count / 4]
        self.entries = self.entries.filter { $0.value.end > soonest }
    }
}
