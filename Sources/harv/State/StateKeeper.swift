import Glibc
import SIPKit

/// A run's side of `--state`: the tables that it begins with, and those that it leaves.
final class StateKeeper: @unchecked Sendable {
    private let file: StateFile
    private let options: [Kept.Option]
    private var before: Kept?
    /// The last time that the run before had read; `nil` in the first one.
    let lastTime: Int64?
    /// The new state as a file, once everything that is whole was counted. Written by the analysing thread, read when it is
    /// over.
    private var bytes: [UInt8]? = nil
    private var failure = ""

    /// Takes the lock and reads what the last run left.
    ///
    /// - Throws: ``StateFile/Failure``.
    init(_ path: String, options: [Kept.Option]) throws(StateFile.Failure) {
        self.file = try StateFile(path)
        self.options = options
        let before = try self.file.load()
        self.before = before
        self.lastTime = before?.analyser.summary.lastTime
        if let difference = before?.difference(from: options) {
            throw StateFile.Failure(
                description:
                    "--state \(Printable.text(path.utf8)): it \(difference), and its figures would be of two kinds; give the same options, or name another file"
            )
        }
    }

    /// Makes a run go on where the last one was.
    func prepare(_ trace: inout TraceRun) {
        var growing = GrowingInputs(paths: trace.paths)
        growing.places = self.before?.places ?? []
        growing.zoneOffset = trace.zoneOffset
        growing.isStopped = trace.isStopped
        growing.progress = trace.progress
        growing.complain = { StandardError.write("harv: \($0)\n") }
        growing.keep = { places, analyser in self.take(places, analyser) }
        trace.growing = growing
    }

    /// The tables of the last run, for this one to change: whoever kept them besides would have them twice.
    func takeTables() -> Analyser.Kept? {
        defer { self.before = nil }
        return self.before?.analyser
    }

    private func take(_ places: [InputPlace], _ analyser: Analyser) {
        do {
            self.bytes = try StateFile.bytes(
                of: Kept(options: self.options, places: places, analyser: analyser.kept))
        } catch {
            self.failure = "\(error)"
        }
    }

    /// Puts the new state in place of the old one.
    ///
    /// - Throws: ``StateFile/Failure``; the old one is untouched then.
    func save() throws(StateFile.Failure) {
        let name = Printable.text(self.file.path.utf8)
        guard let bytes else {
            let text = "\(name) stays as it was, and the next run reads the same again"
            if self.failure.isEmpty { return StandardError.write("harv: stopped: --state \(text)\n") }
            throw StateFile.Failure(description: "--state: \(self.failure); \(text)")
        }
        try self.file.save(bytes)
    }
}
