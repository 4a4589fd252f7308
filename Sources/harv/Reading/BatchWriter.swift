import SIPKit
import SIPTrace

/// Collects what readers find into batches and hands the full ones on.
final class BatchWriter {
    private var batch: MessageBatch
    private let seed: UInt64
    private let deliver: (MessageBatch) -> MessageBatch
    /// Messages outside of these times are not taken; nanoseconds since 1970.
    var times: ClosedRange<Int64> = .min ... .max
    private(set) var messages = 0

    /// - Parameter deliver: takes a batch and gives an empty one back.
    init(seed: UInt64, deliver: @escaping (MessageBatch) -> MessageBatch) {
        self.seed = seed
        self.batch = deliver(MessageBatch())
        self.deliver = deliver
    }

    @inline(__always)
    func append(_ payload: Span<UInt8>, _ origin: MessageOrigin, hasTime: Bool, repairs: TextRepairs = []) {
        guard !hasTime || self.times.contains(origin.time) else { return }
        self.messages &+= 1
        self.batch.append(payload, origin, hasTime: hasTime, repairs: repairs, seed: self.seed)
        if self.batch.isFull { self.flush() }
    }

    func append(_ note: MessageBatch.Note) { self.batch.append(note) }

    /// Hands on what there is: before a wait, and at the end.
    func flush() {
        guard !self.batch.isEmpty else { return }
        self.batch = self.deliver(self.batch)
    }
}
