import SIPKit
import SIPTrace

/// Collects what readers find into batches and hands the full ones on.
final class BatchWriter {
    @exclusivity(unchecked) private var batch: MessageBatch
    private let seed: UInt64
    private let deliver: (MessageBatch) -> MessageBatch
    /// Messages outside of these times are not taken; nanoseconds since 1970.
    @exclusivity(unchecked) var times: ClosedRange<Int64> = .min ... .max
    /// Takes the messages instead of a batch, where packets are counted and nothing else.
    @exclusivity(unchecked) var counter: PacketCounter? = nil
    /// Replaces who people are, before anything else sees it.
    @exclusivity(unchecked) var anonymizer: Anonymizer? = nil

    /// - Parameter deliver: takes a batch and gives an empty one back.
    init(seed: UInt64, deliver: @escaping (MessageBatch) -> MessageBatch) {
        self.seed = seed
        self.batch = deliver(MessageBatch())
        self.deliver = deliver
    }

    @inline(__always)
    func append(_ payload: Span<UInt8>, _ origin: MessageOrigin, hasTime: Bool, repairs: TextRepairs = []) {
        guard !hasTime || self.times.contains(origin.time) else { return }
        if self.counter != nil {
            self.counter?.take(payload)
            return
        }
        if let anonymizer { return self.append(anonymizer.message(payload), origin, hasTime, repairs, anonymizer) }
        self.batch.append(payload, origin, hasTime: hasTime, repairs: repairs)
        if self.batch.isFull { self.flush() }
    }

    private func append(
        _ message: [UInt8], _ origin: MessageOrigin, _ hasTime: Bool, _ repairs: TextRepairs, _ anonymizer: Anonymizer
    ) {
        var origin = origin
        origin.source.ip = anonymizer.address(origin.source.ip)
        origin.destination.ip = anonymizer.address(origin.destination.ip)
        self.batch.append(message.span, origin, hasTime: hasTime, repairs: repairs)
        if self.batch.isFull { self.flush() }
    }

    func append(_ note: MessageBatch.Note) {
        guard let anonymizer else { return self.batch.append(note) }
        switch note {
        // Nobody can tell names from words in a log.
        case .log: return
        case .icmp(var icmp):
            icmp.from = anonymizer.address(icmp.from)
            icmp.to = anonymizer.address(icmp.to)
            self.batch.append(.icmp(icmp))
        default: self.batch.append(note)
        }
    }

    /// Hands on what there is: before a wait, and at the end.
    func flush() {
        guard !self.batch.isEmpty else { return }
        self.batch.readMessages(seed: self.seed)
        self.batch = self.deliver(self.batch)
    }
}
