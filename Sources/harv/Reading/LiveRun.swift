import Glibc
import SIPKit
import SIPTrace

/// `-f`: reads a growing file or a pipe, and reports again and again on what came within the last minutes.
///
/// The messages of the window are kept and judged anew each time, so that every figure is of the window and of nothing
/// else. They are bounded: when the window holds more than ``maxBytes``, it becomes shorter, and the page says so.
struct LiveRun {
    var path: String
    /// Nanoseconds that the report looks back.
    var window: Int64 = 300_000_000_000
    /// Nanoseconds between two reports.
    var interval: Int64 = 2_000_000_000
    var run: TraceRun
    /// Called with each report: how long the window really is, and whether memory made it shorter than asked.
    var show: (Summary, Int64, Bool) -> Void

    static let maxBytes = 64 << 20
    /// Batches that are read and not looked at yet: a fast pipe waits when there are as many.
    static let maxWaiting = 128

    /// - Throws: ``TraceReader/Failure`` when the input cannot be opened.
    func go() throws(TraceReader.Failure) {
        var follower: Follower? = nil
        if self.path != "-" {
            var status = stat()
            guard stat(self.path, &status) == 0 else {
                throw TraceReader.Failure(
                    description: "\(Printable.text(self.path.utf8)): \(String(cString: strerror(errno)))")
            }
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0 else { throw TraceReader.Failure(description: String(cString: strerror(errno))) }
            dup2(ends[0], STDIN_FILENO)
            close(ends[0])
            follower = Follower(path: self.path, output: ends[1], isStopped: self.run.isStopped)
        }
        let queue = BoundedQueue<MessageBatch>(limit: Self.maxWaiting)
        let seed = UInt64.random(in: 1...UInt64.max)
        let run = self.run
        let worker = Worker(takesSignals: true) {
            let output = BatchWriter(seed: seed) { batch in
                if !batch.isEmpty { queue.push(batch) }
                return MessageBatch()
            }
            try? run.reader(output, paths: ["-"]).run()
            queue.close()
        }
        guard let worker else { throw TraceReader.Failure(description: "the system gives no thread") }
        Worker.leaveSignalsToReader()
        self.watch(queue, seed)
        worker.join()
        follower?.join()
    }

    /// The batches of the window.
    struct Window {
        private(set) var batches: [MessageBatch] = []
        private var bytes = 0
        /// The newest time that had to go although it was in the window.
        private var lost: Int64? = nil
        private var newest: Int64 = .min

        mutating func append(_ batch: MessageBatch) {
            self.batches.append(batch)
            self.bytes += batch.footprint
            if let last = batch.entries.last { self.newest = max(self.newest, last.origin.time) }
        }

        /// Lets go of what is older than the window, and of more when it needs too much memory.
        ///
        /// - Returns: whether the window is shorter than asked for.
        mutating func shorten(to length: Int64, limit: Int = LiveRun.maxBytes) -> Bool {
            let start = self.newest &- length
            var gone = 0
            for batch in self.batches {
                let last = batch.entries.last?.origin.time ?? self.newest
                guard last < start || self.bytes > limit else { break }
                if last >= start { self.lost = max(self.lost ?? last, last) }
                self.bytes -= batch.footprint
                gone += 1
            }
            self.batches.removeFirst(gone)
            return self.lost.map { $0 >= start } ?? false
        }
    }

    private func watch(_ queue: BoundedQueue<MessageBatch>, _ seed: UInt64) {
        var kept = Window()
        var next = Stopwatch.now() + self.interval
        while true {
            var isShortened = false
            for batch in queue.takeAll() {
                kept.append(batch)
                if kept.shorten(to: self.window) { isShortened = true }
            }
            let isOver = queue.isFinished
            let now = Stopwatch.now()
            if now >= next || isOver {
                if kept.shorten(to: self.window) { isShortened = true }
                self.report(kept.batches, seed, isShortened)
                next = now + self.interval
            }
            if isOver { return }
            usleep(50_000)
        }
    }

    private func report(_ batches: [MessageBatch], _ seed: UInt64, _ isShortened: Bool) {
        var analyser = Analyser(
            limits: self.run.limits, engine: self.run.engine, options: self.run.options, seed: seed)
        analyser.declare(servers: self.run.declared)
        for batch in batches { analyser.take(batch) }
        let summary = analyser.finish()
        self.show(summary, (summary.lastTime ?? 0) - (summary.firstTime ?? 0), isShortened)
    }
}
