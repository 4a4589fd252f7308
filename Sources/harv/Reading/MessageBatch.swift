import SIPKit
import SIPTrace

/// Some hundred messages on their way from a reader to the analyser: their bytes, and what can be said of each without
/// looking at another.
///
/// A batch is used again and again, so that it keeps its memory. It belongs to one side at a time: the queues hand it
/// over, so exclusive access is not checked when the program runs.
final class MessageBatch: @unchecked Sendable {
    struct Entry {
        var origin: MessageOrigin
        var start: Int
        var end: Int
        var hasTime: Bool
        var repairs: TextRepairs
        /// The places of its facts and of its note about a registration among the batch's; -1 where it has none, as bytes
        /// that are no SIP message have no facts.
        var facts = -1
        var registration = -1
    }

    /// What a reader has to tell besides messages, with the place in the batch where it came.
    enum Note {
        case keepAlive
        case icmp(Summary.ICMPNote)
        case log(ServerLogRecord)
        /// A capture begins: its sound will be told at its end.
        case expectMedia
        case media([RTPStream])
        case input(Summary.Input, TextStatistics, hasTimes: Bool, hasDates: Bool)
        /// Everything before it is whole: the tables are looked at.
        case checkpoint((Analyser) -> Void)
    }

    @exclusivity(unchecked) private(set) var bytes: [UInt8] = []
    @exclusivity(unchecked) private(set) var entries: [Entry] = []
    @exclusivity(unchecked) private(set) var notes: [(before: Int, note: Note)] = []
    @exclusivity(unchecked) private(set) var facts: [MessageFacts] = []
    /// What the REGISTERs among them and the answers to those say.
    @exclusivity(unchecked) private(set) var registrations: [RegistrationNote] = []
    /// The header table of the message at hand.
    @exclusivity(unchecked) private var index = MessageIndex()

    /// More would help nobody: a batch fits into the cache of a core.
    static let maxEntries = 96
    static let maxBytes = 72 << 10

    var isFull: Bool { self.entries.count >= Self.maxEntries || self.bytes.count >= Self.maxBytes }
    var isEmpty: Bool { self.entries.isEmpty && self.notes.isEmpty }

    /// What it costs, about.
    var footprint: Int {
        self.bytes.capacity + self.entries.capacity * MemoryLayout<Entry>.stride
            + self.facts.capacity * MemoryLayout<MessageFacts>.stride
            + self.registrations.capacity * MemoryLayout<RegistrationNote>.stride
    }

    func clear() {
        self.bytes.removeAll(keepingCapacity: self.bytes.count < 2 << 20)
        self.entries.removeAll(keepingCapacity: true)
        self.notes.removeAll(keepingCapacity: true)
        self.facts.removeAll(keepingCapacity: true)
        self.registrations.removeAll(keepingCapacity: true)
    }

    func append(_ note: Note) { self.notes.append((self.entries.count, note)) }

    /// Takes a copy of a message.
    func append(_ payload: Span<UInt8>, _ origin: MessageOrigin, hasTime: Bool, repairs: TextRepairs = []) {
        let start = self.bytes.count
        payload.withUnsafeBufferPointer { self.bytes.append(contentsOf: $0) }
        self.entries.append(
            Entry(origin: origin, start: start, end: self.bytes.count, hasTime: hasTime, repairs: repairs))
    }

    /// Takes down what each of the messages says by itself.
    ///
    /// For all of them at once, and not as they come: finding messages in a text and understanding them is more code than
    /// the innermost cache of instructions holds, and each message would drive out what the next one needs.
    func readMessages(seed: UInt64) { self.readMessages(seed, &self.index) }

    /// - Parameter index: a table that is used again. By address: as a property of this class it would be copied.
    private func readMessages(_ seed: UInt64, _ index: inout MessageIndex) {
        for place in self.entries.indices {
            let (start, end) = (self.entries[place].start, self.entries[place].end)
            let payload = self.bytes.span.extracting(start..<end)
            guard (try? index.parse(payload)) != nil else { continue }
            var registration: RegistrationNote? = nil
            let facts = self.facts.count
            self.facts.append(
                MessageFacts(
                    index, payload, self.entries[place].origin, repairs: self.entries[place].repairs, seed: seed,
                    registration: &registration))
            self.entries[place].facts = facts
            guard let registration else { continue }
            self.entries[place].registration = self.registrations.count
            self.registrations.append(registration)
        }
    }
}
