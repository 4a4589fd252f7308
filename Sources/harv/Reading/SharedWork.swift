/// The work of one run on several threads: batches that were read and not analysed, conversations that are over and not
/// judged.
///
/// The reader makes batches and the analyser takes them, each in their order. Judging belongs to nobody: whoever would have
/// to wait takes a part of it, one thread at a time and in order, so the result is the same on any number of threads. Two
/// threads are busy so until there is nothing left, whichever of the two has more of its own to do.
///
/// Threads are woken late: what wakes one for every batch costs more than the batch.
final class SharedWork: @unchecked Sendable {
    /// Batches that wait at most; together they fit into a core's cache. A reader that waits goes on at half of it.
    static let maxBatches = 8
    /// How many batches wake an analyser that waits, unless the reader itself has to wait for more.
    private static let worthwhile = 2
    /// A part of judging: conversations, or bytes of them.
    private static let partCount = 32
    private static let partBytes = 256 << 10
    /// With more parts than this the analyser judges one when the reader is behind, and with more than the second in any case.
    private static let enoughParts = 16
    private static let maxParts = 64

    private let monitor = Monitor()

    // Under the lock.
    @exclusivity(unchecked) private var batches: [MessageBatch] = []
    @exclusivity(unchecked) private var spare: [MessageBatch] = []
    @exclusivity(unchecked) private var parts: [[ClosedConversation]] = []
    @exclusivity(unchecked) private var judgedParts: [[ClosedConversation]] = []
    @exclusivity(unchecked) private var isReadingOver = false
    @exclusivity(unchecked) private var isOver = false
    @exclusivity(unchecked) private var isJudging = false
    @exclusivity(unchecked) private var readerWaits = false
    @exclusivity(unchecked) private var analyserWaits = false
    /// Threads that wait for something to judge, or for somebody to have judged.
    @exclusivity(unchecked) private var judgesWait = 0

    /// Of the thread that has set `isJudging`.
    @exclusivity(unchecked) private var judge: Judge

    // The analyser's.
    @exclusivity(unchecked) private var next: [ClosedConversation] = []
    @exclusivity(unchecked) private var nextBytes = 0
    @exclusivity(unchecked) private var judged: [ClosedConversation] = []
    @exclusivity(unchecked) private var helper: Worker?

    /// - Parameter threads: with more than the reader and the analyser, one does nothing but judge.
    init(_ judge: Judge, threads: Int) {
        self.judge = judge
        if threads > 2 { self.helper = Worker { self.judgeUntilOver() } }
    }

    // MARK: The reader's side

    /// Hands a batch on and gives an empty one back; judges while there is no room.
    func put(_ batch: MessageBatch) -> MessageBatch {
        self.monitor.lock()
        defer { self.monitor.unlock() }
        if !batch.isEmpty {
            // With much to analyse and much to judge, another batch would help nobody.
            while self.batches.count >= Self.maxBatches
                || self.parts.count > Self.enoughParts && self.batches.count > Self.maxBatches / 2 && !self.isJudging
            {
                if self.judgePart() { continue }
                self.readerWaits = true
                self.monitor.wait()
                self.readerWaits = false
            }
            // A batch that is not full comes before a pause.
            let isBeforePause = !batch.isFull
            self.batches.append(batch)
            if self.analyserWaits, isBeforePause || self.batches.count >= Self.worthwhile { self.monitor.wakeAll() }
        } else {
            self.spare.append(batch)
        }
        return self.spare.popLast() ?? MessageBatch()
    }

    /// Says that nothing more will be read.
    func endReading() {
        self.monitor.lock()
        self.isReadingOver = true
        self.monitor.wakeAll()
        self.monitor.unlock()
    }

    // MARK: The analyser's side

    /// The next batch; judges while there is none. `nil` when everything has been read.
    ///
    /// - Parameter used: the batch before, cleared.
    func take(givingBack used: MessageBatch?) -> MessageBatch? {
        self.monitor.lock()
        defer { self.monitor.unlock() }
        if let used { self.spare.append(used) }
        while self.batches.isEmpty {
            if self.isReadingOver { return nil }
            if self.judgePart() { continue }
            self.analyserWaits = true
            self.monitor.wait()
            self.analyserWaits = false
        }
        let batch = self.batches.removeFirst()
        if self.readerWaits, self.batches.count <= Self.maxBatches / 2 { self.monitor.wakeAll() }
        return batch
    }

    /// Puts a conversation behind those that wait to be judged.
    func judgeLater(_ closed: ClosedConversation) {
        self.next.append(closed)
        self.nextBytes += closed.conversation.footprint
        if self.next.count >= Self.partCount || self.nextBytes > Self.partBytes { self.handOn() }
    }

    /// A conversation that was judged; `nil` when there is none for now.
    func takeJudged() -> Conversation? { self.judged.popLast()?.conversation }

    private func handOn() {
        let part = self.next
        self.next = []
        self.next.reserveCapacity(Self.partCount)
        self.nextBytes = 0
        self.monitor.lock()
        defer { self.monitor.unlock() }
        self.parts.append(part)
        if self.readerWaits || self.judgesWait > 0 { self.monitor.wakeAll() }
        while self.parts.count > Self.maxParts { self.judgePartOrWait() }
        // The reader will have time soon where much of what it read waits; both would be in each other's way.
        if self.parts.count > Self.enoughParts, self.batches.count <= Self.maxBatches / 2 { _ = self.judgePart() }
        if let part = self.judgedParts.popLast() { self.judged = part }
        self.judgedParts.removeAll(keepingCapacity: true)
    }

    /// What the judge keeps, once everything that was handed on has been judged.
    var kept: Judge.Kept {
        self.handOn()
        self.monitor.lock()
        defer { self.monitor.unlock() }
        while self.isJudging || !self.parts.isEmpty { self.judgePartOrWait() }
        return self.judge.kept
    }

    /// Waits until everything has been judged, and gives the judge back.
    func finish() -> Judge {
        self.handOn()
        self.monitor.lock()
        while self.isJudging || !self.parts.isEmpty { self.judgePartOrWait() }
        self.monitor.unlock()
        self.stop()
        return self.judge
    }

    /// Ends the thread that only judges; to be called, unless ``finish()`` is.
    func stop() {
        self.monitor.lock()
        self.isOver = true
        self.monitor.wakeAll()
        self.monitor.unlock()
        self.helper?.join()
        // It knows this object.
        self.helper = nil
    }

    // MARK: Judging, under the lock

    /// Judges a part, with the lock open meanwhile; `false` when there is none, or somebody else is at it.
    private func judgePart() -> Bool {
        guard !self.isJudging, !self.parts.isEmpty else { return false }
        self.isJudging = true
        let part = self.parts.removeFirst()
        self.monitor.unlock()
        for closed in part { self.judge.judge(closed) }
        self.monitor.lock()
        self.isJudging = false
        self.judgedParts.append(part)
        if self.judgesWait > 0 || self.readerWaits && !self.parts.isEmpty { self.monitor.wakeAll() }
        return true
    }

    private func judgePartOrWait() {
        if self.judgePart() { return }
        self.judgesWait += 1
        self.monitor.wait()
        self.judgesWait -= 1
    }

    private func judgeUntilOver() {
        self.monitor.lock()
        while !self.isOver { self.judgePartOrWait() }
        self.monitor.unlock()
    }
}
