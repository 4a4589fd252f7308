import SIPKit
import SIPTrace

/// Some hundred messages on their way from a reader to the analyser: their bytes, and what can be said of each without
/// looking at another.
///
/// A batch is used again and again, so that the tables of header lines keep their memory. It belongs to one side at a
/// time: the queues hand it over, so exclusive access is not checked when the program runs.
final class MessageBatch: @unchecked Sendable {
    struct Entry {
        var origin: MessageOrigin
        var start: Int
        var end: Int
        var hasTime: Bool
        var repairs: TextRepairs
        /// `nil` when the bytes are no SIP message.
        var identity: MessageIdentity?
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
    }

    @exclusivity(unchecked) private(set) var bytes: [UInt8] = []
    @exclusivity(unchecked) private(set) var entries: [Entry] = []
    @exclusivity(unchecked) private(set) var notes: [(before: Int, note: Note)] = []
    /// The header tables of the entries; more than there are entries after a batch that was longer.
    @exclusivity(unchecked) var indexes: [MessageIndex] = []

    /// More would help nobody: a batch with its tables fits into the cache of a core.
    static let maxEntries = 96
    static let maxBytes = 72 << 10

    var isFull: Bool { self.entries.count >= Self.maxEntries || self.bytes.count >= Self.maxBytes }
    var isEmpty: Bool { self.entries.isEmpty && self.notes.isEmpty }

    /// What it costs, about: the bytes, and a table of header lines for each message.
    var footprint: Int {
        self.bytes.capacity + self.entries.capacity * MemoryLayout<Entry>.stride
            + self.indexes.count * (MemoryLayout<MessageIndex>.stride + 1_000)
    }

    func clear() {
        self.bytes.removeAll(keepingCapacity: self.bytes.count < 2 << 20)
        self.entries.removeAll(keepingCapacity: true)
        self.notes.removeAll(keepingCapacity: true)
    }

    func append(_ note: Note) { self.notes.append((self.entries.count, note)) }

    /// Takes a copy of a message and reads its header table and identity.
    func append(
        _ payload: Span<UInt8>, _ origin: MessageOrigin, hasTime: Bool, repairs: TextRepairs = [], seed: UInt64
    ) {
        let place = self.entries.count
        if place == self.indexes.count { self.indexes.append(MessageIndex()) }
        let start = self.bytes.count
        payload.withUnsafeBufferPointer { self.bytes.append(contentsOf: $0) }
        let identity = Self.read(&self.indexes[place], payload, origin, seed)
        self.entries.append(
            Entry(
                origin: origin, start: start, end: self.bytes.count, hasTime: hasTime, repairs: repairs,
                identity: identity))
    }

    /// Fills a table; `nil` when the bytes are no SIP message.
    @inline(__always)
    private static func read(
        _ index: inout MessageIndex, _ payload: Span<UInt8>, _ origin: MessageOrigin, _ seed: UInt64
    ) -> MessageIdentity? {
        guard (try? index.parse(payload)) != nil else { return nil }
        return MessageIdentity(index, payload, from: origin.source, to: origin.destination, seed: seed)
    }
}
