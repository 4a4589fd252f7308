import Glibc
import SIPKit
import SIPTrace

/// One run over some inputs: reading on one thread, analysing on another, judging on both or on a third. Each stage gets
/// what the stage before hands it in one order, so the result does not depend on how many cores there are.
struct TraceRun {
    typealias Failure = TraceReader.Failure

    var paths: [String]
    var servers: [SocketAddress] = []
    var zoneOffset = 0
    var limits = Analyser.Limits()
    var engine = DiagnosisEngine()
    var options = JudgeOptions()
    /// Messages outside of these times are left out; nanoseconds since 1970.
    var times: ClosedRange<Int64> = .min ... .max
    /// Replaces names and addresses before anything looks at them.
    var anonymizer: Anonymizer? = nil
    /// With `--state`: the inputs as files that grow, instead of ``paths``.
    var growing: GrowingInputs? = nil
    /// Called for each message, in order and one at a time, on the thread that analyses.
    var onMessage: (@Sendable (SeenMessage) -> Void)? = nil
    /// How many threads work at most: one does everything itself.
    var jobs = TraceRun.cores
    var progress: Progress? = nil
    /// Asked between messages; `true` ends reading, and the report says that it is partial.
    var isStopped: @Sendable () -> Bool = { false }

    /// The cores that this process may use, by the kernel's own list; what is online where there is no such list.
    static var cores: Int {
        let online = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let descriptor = open("/proc/self/status", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return online }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 8192)
        let got = read(descriptor, &bytes, bytes.count)
        guard got > 0 else { return online }
        let text = String(decoding: bytes[..<got], as: UTF8.self)
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed:") }) else {
            return online
        }
        let bits = line.utf8.dropFirst(13).reduce(0) { $0 + (ASCII.hexValue($1).map { Int($0).nonzeroBitCount } ?? 0) }
        return bits > 0 ? min(bits, online) : online
    }

    /// - Parameter tables: gives the tables of an earlier run, to go on with; asked once, so that nobody else holds them.
    /// - Throws: ``Failure`` when an input cannot be opened.
    func run(from tables: () -> Analyser.Kept? = { nil }) throws(Failure) -> Summary {
        var kept = tables()
        // What is known by its hash is known by the same one in the next run.
        let seed = kept?.seed ?? UInt64.random(in: 1...UInt64.max)
        var options = self.options
        // Who asks knows the call by its own name.
        if let anonymizer, let wanted = options.wantedCall {
            options.wantedCall = anonymizer.callID(wanted)
            if options.wantedName != nil { options.wantedName = Self.hidden(wanted, anonymizer) }
        }
        var judge = Judge(engine: self.engine, options: options, seed: seed)
        if let kept { judge.restore(kept.judge) }
        let work = self.jobs > 1 ? SharedWork(judge, threads: self.jobs) : nil
        var analyser = Analyser(
            limits: self.limits, engine: self.engine, options: options, seed: seed,
            judging: work.map { .shared($0) } ?? .here(JudgeQueue(judge)))
        analyser.onMessage = self.onMessage
        analyser.declare(servers: self.declared)
        if let kept { analyser.restore(kept) }
        kept = nil
        if let work {
            try self.readElsewhere(seed, work, into: &analyser)
        } else {
            try self.readHere(seed, into: &analyser)
        }
        if self.isStopped() { analyser.notePartial() }
        return analyser.finish()
    }

    /// A number, a user or `user@host` as it stands in hidden messages.
    private static func hidden(_ name: [UInt8], _ anonymizer: Anonymizer) -> CallSearch.Name {
        let parts = name.split(separator: ASCII.at, maxSplits: 1).map(Array.init)
        return CallSearch.Name(
            user: Printable.text(anonymizer.user(parts.first ?? [])),
            host: parts.count > 1 ? Printable.text(anonymizer.host(parts[1])) : "")
    }

    /// Counts packets only.
    ///
    /// - Throws: ``Failure`` when an input cannot be opened.
    func countPackets() throws(Failure) -> Summary {
        let seed = UInt64.random(in: 1...UInt64.max)
        let notes = NoteBox()
        let output = BatchWriter(seed: seed) { batch in
            for note in batch.notes { notes.notes.append(note.note) }
            batch.clear()
            return batch
        }
        output.counter = PacketCounter(seed: seed)
        try self.reader(output).run()
        guard var counter = output.counter else { return Summary() }
        for note in notes.notes { counter.note(note) }
        if self.isStopped() { counter.notePartial() }
        return counter.summary
    }

    private final class NoteBox { var notes: [MessageBatch.Note] = [] }

    /// The servers as the messages name them.
    var declared: [SocketAddress] {
        guard let anonymizer else { return self.servers }
        return self.servers.map { SocketAddress(anonymizer.address($0.ip), $0.port) }
    }

    func reader(_ output: BatchWriter, paths: [String]? = nil) -> TraceReader {
        output.times = self.times
        output.anonymizer = self.anonymizer
        return TraceReader(
            paths: paths ?? self.paths, zoneOffset: self.zoneOffset, isStopped: self.isStopped, output: output,
            progress: self.progress, growing: self.growing)
    }

    private func readHere(_ seed: UInt64, into analyser: inout Analyser) throws(Failure) {
        let box = AnalyserBox(analyser)
        let output = BatchWriter(seed: seed) { batch in
            box.analyser.take(batch)
            batch.clear()
            return batch
        }
        defer { analyser = box.analyser }
        try self.reader(output).run()
    }

    private final class AnalyserBox {
        @exclusivity(unchecked) var analyser: Analyser
        init(_ analyser: Analyser) { self.analyser = analyser }
    }

    /// What went wrong on the reading thread.
    private final class Outcome: @unchecked Sendable { var failure: Failure? = nil }

    private func readElsewhere(
        _ seed: UInt64, _ work: SharedWork, into analyser: inout Analyser
    ) throws(Failure) {
        let outcome = Outcome()
        let worker = Worker(takesSignals: true) {
            do throws(Failure) {
                try self.reader(BatchWriter(seed: seed, deliver: work.put)).run()
            } catch {
                outcome.failure = error
            }
            work.endReading()
        }
        guard let worker else { return try self.readHere(seed, into: &analyser) }
        Worker.leaveSignalsToReader()
        var used: MessageBatch? = nil
        while let batch = work.take(givingBack: used) {
            analyser.take(batch)
            batch.clear()
            used = batch
        }
        worker.join()
        guard let failure = outcome.failure else { return }
        work.stop()
        throw failure
    }
}
