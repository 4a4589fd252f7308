import Glibc

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

    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

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
        pthread_mutex_init(self.lock, nil)
        pthread_cond_init(self.changed, nil)
        if threads > 2 { self.helper = Worker { self.judgeUntilOver() } }
    }

    deinit {
        pthread_cond_destroy(self.changed)
        pthread_mutex_destroy(self.lock)
        self.changed.deallocate()
        self.lock.deallocate()
    }

    // MARK: The reader's side

    /// Hands a batch on and gives an empty one back; judges while there is no room.
    func put(_ batch: MessageBatch) -> MessageBatch {
        pthread_mutex_lock(self.lock)
        defer { pthread_mutex_unlock(self.lock) }
        if !batch.isEmpty {
            // With much to analyse and much to judge, another batch would help nobody.
            while self.batches.count >= Self.maxBatches
                || self.parts.count > Self.enoughParts && self.batches.count > Self.maxBatches / 2 && !self.isJudging
            {
                if self.judgePart() { continue }
                self.readerWaits = true
                pthread_cond_wait(self.changed, self.lock)
                self.readerWaits = false
            }
            // A batch that is not full comes before a pause.
            let isBeforePause = !batch.isFull
            self.batches.append(batch)
            if self.analyserWaits, isBeforePause || self.batches.count >= Self.worthwhile { self.wake() }
        } else {
            self.spare.append(batch)
        }
        return self.spare.popLast() ?? MessageBatch()
    }

    /// Says that nothing more will be read.
    func endReading() {
        pthread_mutex_lock(self.lock)
        self.isReadingOver = true
        self.wake()
        pthread_mutex_unlock(self.lock)
    }

    // MARK: The analyser's side

    /// The next batch; judges while there is none. `nil` when everything has been read.
    ///
    /// - Parameter used: the batch before, cleared.
    func take(givingBack used: MessageBatch?) -> MessageBatch? {
        pthread_mutex_lock(self.lock)
        defer { pthread_mutex_unlock(self.lock) }
        if let used { self.spare.append(used) }
        while self.batches.isEmpty {
            if self.isReadingOver { return nil }
            if self.judgePart() { continue }
            self.analyserWaits = true
            pthread_cond_wait(self.changed, self.lock)
            self.analyserWaits = false
        }
        let batch = self.batches.removeFirst()
        if self.readerWaits, self.batches.count <= Self.maxBatches / 2 { self.wake() }
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
        pthread_mutex_lock(self.lock)
        defer { pthread_mutex_unlock(self.lock) }
        self.parts.append(part)
        if self.readerWaits || self.judgesWait > 0 { self.wake() }
        while self.parts.count > Self.maxParts { self.judgePartOrWait() }
        // The reader will have time soon where much of what it read waits; both would be in each other's way.
        if self.parts.count > Self.enoughParts, self.batches.count <= Self.maxBatches / 2 { _ = self.judgePart() }
        if let part = self.judgedParts.popLast() { self.judged = part }
        self.judgedParts.removeAll(keepingCapacity: true)
    }

    /// Waits until everything has been judged, and gives the judge back.
    func finish() -> Judge {
        self.handOn()
        pthread_mutex_lock(self.lock)
        while self.isJudging || !self.parts.isEmpty { self.judgePartOrWait() }
        pthread_mutex_unlock(self.lock)
        self.stop()
        return self.judge
    }

    /// Ends the thread that only judges; to be called, unless ``finish()`` is.
    func stop() {
        pthread_mutex_lock(self.lock)
        self.isOver = true
        self.wake()
        pthread_mutex_unlock(self.lock)
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
        pthread_mutex_unlock(self.lock)
        for closed in part { self.judge.judge(closed) }
        pthread_mutex_lock(self.lock)
        self.isJudging = false
        self.judgedParts.append(part)
        if self.judgesWait > 0 || self.readerWaits && !self.parts.isEmpty { self.wake() }
        return true
    }

    private func judgePartOrWait() {
        if self.judgePart() { return }
        self.judgesWait += 1
        pthread_cond_wait(self.changed, self.lock)
        self.judgesWait -= 1
    }

    private func judgeUntilOver() {
        pthread_mutex_lock(self.lock)
        while !self.isOver { self.judgePartOrWait() }
        pthread_mutex_unlock(self.lock)
    }

    private func wake() { pthread_cond_broadcast(self.changed) }
}
