import SIPKit
import SIPNet

/// A message that waits for an answer: its run, and everything that belongs to it.
struct ParkedRun {
    /// What comes when the answer is there.
    enum Step {
        case script(Run)
        /// The user's script that has taken this transaction over.
        case process(Place)
        /// Relaying the request of this transaction.
        case relay(Place)
        /// Forwarding without state.
        case forward
        /// The reply or failure block of a transaction.
        case block(Run, WaitingBlock)
    }
    var step: Step
    /// Host names that are still being resolved.
    var missing = 0
    var context: RouteContext
    /// The message, which the receive buffer no longer holds.
    var message: Buffer
    /// Of the transaction that it will be; `nil` for what is none.
    var key: KeyedHash.Value?
    var timer: TimerWheel.Handle
}

/// A question that somebody has to answer with ``Shard/answer(_:_:now:wallTime:)``. Nobody waits for number 0.
struct PendingQuestion: Sendable {
    var number: UInt32
    var question: Question
}

/// Running the script: to its end, or until it asks and is parked. The loop goes on with other messages meanwhile.
extension Shard {
    /// How many messages may wait at once; the next is answered with 503.
    static var parkingSpace: Int { 10_000 }
    /// How long one may wait.
    static var patience: TimerInterval { .seconds(10) }

    /// Runs the main block over the request in work and carries out what it wants.
    mutating func runRequest() {
        let isTraced = self.state.tracing.isOn
        if isTraced { self.context.recorder = RouteRecorder(self.context) }
        guard var run = self.policy.requestRun(tracing: isTraced) else { return }
        self.conclude(self.policy.program.start(&run, &self.context), run)
    }

    /// Runs a reply, failure or branch block.
    ///
    /// - Parameter waiting: what is kept while the block waits; `nil` for one that cannot, whose questions count as failed.
    /// - Returns: whether it waits; then the context is another message's.
    mutating func runBlock(_ block: BlockID, keeping waiting: WaitingBlock? = nil) -> Bool {
        let isTraced = self.state.tracing.isOn
        if isTraced { self.context.recorder = RouteRecorder(self.context) }
        var run = self.policy.program.run(block, tracing: isTraced)
        let outcome = self.policy.program.start(&run, &self.context)
        return self.finishBlock(block, outcome, &run, waiting)
    }

    /// Goes on with a block that has waited; the same as ``runBlock(_:keeping:)``.
    mutating func resumeBlock(
        _ block: BlockID, _ run: Run, with answer: Answer, keeping waiting: WaitingBlock
    ) -> Bool {
        var run = run
        let outcome = self.policy.program.resume(&run, &self.context, with: answer)
        return self.finishBlock(block, outcome, &run, waiting)
    }

    private mutating func finishBlock(
        _ block: BlockID, _ first: Run.Outcome, _ run: inout Run, _ waiting: WaitingBlock?
    ) -> Bool {
        var outcome = first
        while outcome == .waiting {
            if let waiting, let question = self.context.question,
                let number = self.setAside(then: .block(run, waiting), patience: Self.patience)
            {
                self.ask(question, for: number)
                return true
            }
            self.context.question = nil
            outcome = self.policy.program.resume(&run, &self.context, with: .failed)
        }
        self.reportDepth(outcome)
        if self.context.recorder != nil { self.publishTrace(self.policy.program.head(of: block)) }
        return false
    }

    private mutating func conclude(_ outcome: Run.Outcome, _ run: Run) {
        switch outcome {
        case .finished, .tooDeep:
            self.reportDepth(outcome)
            if self.context.recorder != nil { self.publishTrace("route") }
            self.performEffects()
        case .waiting:
            self.park(run)
        }
    }

    /// Hands on what the recorder has noted: what was done, before any of it is carried out.
    private mutating func publishTrace(_ block: String) {
        let bytes = self.context.memory.span
        self.state.tracing.publish(
            self.context.trace(self.policy.program, block), from: Printable.text(bytes.copy(self.context.from.whole)),
            to: Printable.text(bytes.copy(self.context.to.whole)))
        self.context.recorder = nil
    }

    private func reportDepth(_ outcome: Run.Outcome) {
        guard outcome == .tooDeep else { return }
        self.policy.logger(-1, "script: route blocks call one another too deep or too often; the message was given up")
    }

    // MARK: Waiting

    /// Sets a transaction's message aside until the question in the context has its answer.
    ///
    /// - Returns: `false` when too many wait.
    mutating func park(_ step: ParkedRun.Step, _ server: UInt32) -> Bool {
        guard let question = self.context.question,
            let number = self.setAside(then: step, patience: Self.patience)
        else { return false }
        self.ask(question, for: number)
        self.servers[server].pointee.isWaiting = true
        return true
    }

    /// Whether a transaction that has waited can go on. One that was cancelled meanwhile ends here.
    private mutating func isOpen(_ place: Place) -> Bool {
        guard self.servers.isLive(place.number, generation: place.generation) else { return false }
        let record = self.servers[place.number]
        record.pointee.isWaiting = false
        guard !record.pointee.machine.isOver else { return false }
        guard record.pointee.isCanceled else { return true }
        self.finalReply(place.number, 487, "Request Terminated")
        return false
    }

    private mutating func park(_ run: Run) {
        guard let question = self.context.question,
            let number = self.setAside(then: .script(run), patience: Self.patience)
        else {
            self.statistics.overloaded += 1
            self.context.reply(503, "Service Unavailable", headers: Array("Retry-After: 10\r\n".utf8))
            self.performEffects()
            return
        }
        self.ask(question, for: number)
    }

    private mutating func ask(_ question: Question, for number: UInt32) {
        self.parked[number]?.context.question = nil
        self.questions.append(PendingQuestion(number: number, question: question))
    }

    /// Moves the message in work aside, with its bytes; a fresh context takes its place.
    ///
    /// - Returns: the number under which it waits; `nil` when too many do.
    mutating func setAside(then step: ParkedRun.Step, patience: TimerInterval) -> UInt32? {
        guard self.parked.count < Self.parkingSpace, let buffer = self.pool.take(self.context.memory.count),
            let memory = buffer.memory, let source = self.context.memory.baseAddress
        else { return nil }
        memory.copyMemory(from: source, byteCount: self.context.memory.count)
        self.parkCount &+= 1
        let number = self.parkCount
        let timer = self.arm(.parked, .a, Place(number: number, generation: 0), after: patience)
        var waiting = self.context
        waiting.memory = buffer.bytes.bindMemory(to: UInt8.self)
        let key = waiting.transactionKey
        if let key { self.parkedKeys.insert(key) }
        self.parked[number] = ParkedRun(step: step, context: waiting, message: buffer, key: key, timer: timer)
        self.context = RouteContext(shared: self.state)
        self.context.now = waiting.now
        self.context.wallTime = waiting.wallTime
        return number
    }

    /// Goes on with a message whose question has been answered. An answer that comes too late does nothing.
    mutating func answer(_ number: UInt32, _ answer: Answer, now: MonotonicTime, wallTime: Int64) {
        self.now = now
        // Number 0: a row of accounting, for which nobody waits.
        if number == 0, answer == .failed {
            self.policy.logger(-1, "acc: a row was not written; the database does not answer")
        }
        self.resume(number, with: answer, wallTime: wallTime)
    }

    mutating func parkingTimerFired(_ number: UInt32) {
        self.resume(number, with: .failed, wallTime: self.context.wallTime)
    }

    mutating func resume(_ number: UInt32, with answer: Answer, wallTime: Int64) {
        guard var waiting = self.parked.removeValue(forKey: number) else { return }
        self.wheel.cancel(waiting.timer)
        if let key = waiting.key { self.parkedKeys.remove(key) }
        self.context = waiting.context
        self.context.now = self.now.nanoseconds
        self.context.wallTime = wallTime
        switch waiting.step {
        case .script(var run):
            self.conclude(self.policy.program.resume(&run, &self.context, with: answer), run)
        case .process(let place): if self.isOpen(place) { self.processAnswered(place.number, answer) }
        case .relay(let place): self.relayAgain(place)
        case .forward:
            self.context.isResumed = true
            self.forwardStateless()
            self.performEffects()
        case .block(let run, .reply(let reply)): self.resumeReply(run, reply, with: answer)
        case .block(let run, .failure(let failure)): self.resumeFailure(run, failure, with: answer)
        }
        self.pool.give(&waiting.message)
    }
}
