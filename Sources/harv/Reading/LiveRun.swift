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
    /// Called with each report; the second value says how long the window really is.
    var show: (Summary, Int64) -> Void

    static let maxBytes = 64 << 20

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
        let queue = BoundedQueue<MessageBatch>(limit: 1 << 16)
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

    private func watch(_ queue: BoundedQueue<MessageBatch>, _ seed: UInt64) {
        var batches: [MessageBatch] = []
        var bytes = 0
        var next = Stopwatch.now() + self.interval
        while true {
            while let batch = queue.popIfAny() {
                batches.append(batch)
                bytes += batch.bytes.count
            }
            let isOver = queue.isFinished
            let now = Stopwatch.now()
            if now >= next || isOver {
                self.shorten(&batches, &bytes)
                self.report(batches, seed)
                next = now + self.interval
            }
            if isOver { return }
            usleep(50_000)
        }
    }

    private func shorten(_ batches: inout [MessageBatch], _ bytes: inout Int) {
        let newest = batches.lazy.compactMap { $0.entries.last?.origin.time }.max() ?? 0
        var gone = 0
        for batch in batches {
            let last = batch.entries.last?.origin.time ?? newest
            guard last < newest - self.window || bytes > Self.maxBytes else { break }
            bytes -= batch.bytes.count
            gone += 1
        }
        batches.removeFirst(gone)
    }

    private func report(_ batches: [MessageBatch], _ seed: UInt64) {
        var analyser = Analyser(
            limits: self.run.limits, engine: self.run.engine, options: self.run.options, seed: seed)
        analyser.declare(servers: self.run.declared)
        for batch in batches { analyser.take(batch) }
        let summary = analyser.finish()
        self.show(summary, (summary.lastTime ?? 0) - (summary.firstTime ?? 0))
    }
}
