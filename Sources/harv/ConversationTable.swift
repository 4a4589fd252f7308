import SIPKit
import SIPTrace

/// The conversations under way, found by their Call-ID, closed when they have been quiet long enough.
///
/// Bounded twice: by number and by bytes. When a limit is reached, the one that has waited longest is closed early,
/// and the report says how many.
struct ConversationTable {
    struct Due: Codable {
        var due: Int64
        var call: UInt64
    }

    private var open = KeyTable<Conversation>()
    /// When each is to be looked at again, in the order of arrival; most are quiet by then and are closed.
    private var queue: [Due] = []
    private var head = 0
    /// Some that are over, whose memory the next ones take: calls need more of it than all others.
    private var spare: [Conversation] = []
    private var spareCalls: [Conversation] = []
    private static let maxSpare = 64
    private(set) var bytes = 0
    private(set) var closedEarly = 0
    let limit: Int
    let byteLimit: Int

    init(limit: Int, byteLimit: Int) {
        self.limit = limit
        self.byteLimit = byteLimit
    }

    var count: Int { self.open.count }

    /// The conversation with this Call-ID; a new one when there is none.
    ///
    /// - Parameter isCall: whether its first message is an INVITE.
    mutating func conversation(_ call: UInt64, isCall: Bool) -> (Conversation, isNew: Bool) {
        if let known = self.open[call] { return (known, false) }
        let new: Conversation
        if let used = isCall ? self.spareCalls.popLast() : self.spare.popLast() {
            used.begin(call)
            new = used
        } else {
            new = Conversation(call: call)
        }
        self.open[call] = new
        return (new, true)
    }

    /// Asks for the memory that a search for the Call-ID begins in.
    @inline(__always)
    func expect(_ call: UInt64) { self.open.expect(call) }

    /// Takes a conversation that is over and that nobody else knows, for the next one to use its memory.
    mutating func reuse(_ conversation: Conversation) {
        if conversation.isSmall {
            if self.spare.count < Self.maxSpare { self.spare.append(conversation) }
        } else if conversation.isUsualCall, self.spareCalls.count < Self.maxSpare {
            self.spareCalls.append(conversation)
        }
    }

    /// Queues a conversation after its first message.
    mutating func enqueue(_ conversation: Conversation) {
        self.queue.append(Due(due: conversation.dueTime, call: conversation.call))
    }

    mutating func account(_ bytes: Int) { self.bytes += bytes }

    /// The next conversation that is over, taken out of the table; `nil` when there is none for now.
    @inline(__always)
    mutating func nextClosed(now: Int64, hasTimes: Bool) -> Conversation? {
        guard self.head < self.queue.count else { return nil }
        let isFull = self.open.count > self.limit || self.bytes > self.byteLimit
        guard isFull || (hasTimes && self.queue[self.head].due <= now) else { return nil }
        return self.takeClosed(now, isFull, hasTimes)
    }

    private mutating func takeClosed(_ now: Int64, _ isFull: Bool, _ hasTimes: Bool) -> Conversation? {
        while self.head < self.queue.count {
            let (due, call) = (self.queue[self.head].due, self.queue[self.head].call)
            guard isFull || due <= now else { return nil }
            self.head += 1
            if self.head > 4096, self.head * 2 > self.queue.count {
                self.queue.removeFirst(self.head)
                self.head = 0
            }
            guard let conversation = self.open[call] else { continue }
            let next = conversation.dueTime
            if hasTimes, next > now, !isFull {
                // Looked at again soon, but not at once: a call that is up may end any moment.
                self.queue.append(Due(due: min(next, now &+ 33_000_000_000), call: call))
                continue
            }
            if next > now { self.closedEarly += 1 }
            _ = self.open.remove(call)
            self.bytes -= conversation.footprint
            return conversation
        }
        return nil
    }

    /// Everything that is left, in the order of beginning.
    mutating func takeAll() -> [Conversation] {
        let rest = self.open.values.sorted {
            ($0.firstTime, $0.records.first?.number ?? 0) < ($1.firstTime, $1.records.first?.number ?? 0)
        }
        self.open.removeAll()
        self.queue = []
        self.head = 0
        self.bytes = 0
        return rest
    }
}

extension ConversationTable {
    /// What is kept from one run to the next: what is open, in no order, and when each is to be looked at again.
    struct Kept: Codable {
        var open: [Conversation]
        var queue: [Due]
        var closedEarly: Int
    }

    var kept: Kept {
        Kept(open: self.open.values, queue: Array(self.queue[self.head...]), closedEarly: self.closedEarly)
    }

    mutating func restore(_ kept: Kept) {
        for conversation in kept.open {
            self.open[conversation.call] = conversation
            self.bytes += conversation.footprint
        }
        self.queue = kept.queue
        self.closedEarly = kept.closedEarly
    }
}
