import SIPKit
import SIPTrace

/// One of several inputs that are read together: what it has next, and when that was.
protocol MergedInput: AnyObject {
    /// The time of what is at hand; `nil` for what has none, which goes with what came before it.
    var time: Int64? { get }
    /// Moves to what comes next.
    ///
    /// - Returns: false at the end.
    func advance() -> Bool
    /// Hands on what is at hand.
    func deliver(to output: BatchWriter)
    /// Hands on what is known only at the end.
    func finish(_ output: BatchWriter)
}

/// Puts inputs whose times overlap (two servers' captures, a log and its copy from another host) into one order.
///
/// An input is opened when the time has come to its first message, so of a rotated set one is open at a time, and only as
/// many as overlap.
struct InputMerge {
    /// An input that has not been opened yet, and the time of its first message.
    struct Waiting {
        var first: Int64
        var open: () throws(TraceReader.Failure) -> any MergedInput
    }

    private var waiting: ArraySlice<Waiting>
    private var inputs: [(input: any MergedInput, time: Int64)] = []
    private let output: BatchWriter
    private let isStopped: @Sendable () -> Bool

    /// - Parameter waiting: in the order of their first times.
    init(_ waiting: [Waiting], output: BatchWriter, isStopped: @escaping @Sendable () -> Bool) {
        self.waiting = waiting[...]
        self.output = output
        self.isStopped = isStopped
    }

    /// - Throws: ``TraceReader/Failure`` when an input cannot be opened.
    mutating func run() throws(TraceReader.Failure) {
        while !self.isStopped() {
            try self.openDue()
            guard let place = self.earliest() else { break }
            self.read(place)
        }
        for (input, _) in self.inputs { input.finish(self.output) }
        self.output.flush()
    }

    /// Opens every input whose first message is not later than what is at hand.
    private mutating func openDue() throws(TraceReader.Failure) {
        while let next = self.waiting.first,
            self.earliest().map({ next.first <= self.inputs[$0].time }) ?? true
        {
            self.waiting.removeFirst()
            let input = try next.open()
            if input.advance() {
                self.inputs.append((input, input.time ?? next.first))
            } else {
                input.finish(self.output)
            }
        }
    }

    private func earliest() -> Int? {
        self.inputs.indices.min { (self.inputs[$0].time, $0) < (self.inputs[$1].time, $1) }
    }

    /// Reads one input as long as none of the others has something earlier.
    private mutating func read(_ place: Int) {
        var limit = self.waiting.first?.first ?? .max
        for other in self.inputs.indices where other != place { limit = min(limit, self.inputs[other].time) }
        let input = self.inputs[place].input
        var time = self.inputs[place].time
        repeat {
            input.deliver(to: self.output)
            guard input.advance() else {
                input.finish(self.output)
                self.inputs.remove(at: place)
                return
            }
            time = input.time ?? time
        } while time <= limit && !self.isStopped()
        self.inputs[place].time = time
    }
}

/// A text trace among others.
final class MergedText: MergedInput {
    private var reader: TextTraceReader
    private let source: TextSource
    private var input: Summary.Input

    init(_ source: TextSource, _ format: TextFormat, _ context: TextContext, _ input: Summary.Input) {
        self.reader = TextTraceReader(source, format: format, context: context)
        self.source = source
        self.input = input
    }

    var time: Int64? {
        if self.reader.kind == .log { return self.reader.log?.time }
        return self.reader.hasDates && self.reader.origin.time != 0 ? self.reader.origin.time : nil
    }

    func advance() -> Bool { self.reader.next() }

    func deliver(to output: BatchWriter) { TraceReader.deliver(self.reader, to: output) }

    func finish(_ output: BatchWriter) {
        TraceReader.finish(self.reader, self.source, self.input, to: output)
    }
}

/// A capture among others.
final class MergedCapture: MergedInput {
    private var messages: CaptureMessages
    private var input: Summary.Input

    init(_ reader: consuming PcapFileReader, _ place: Int, _ input: Summary.Input) {
        self.messages = CaptureMessages(reader, input: place)
        self.input = input
    }

    var time: Int64? { self.messages.time }

    func advance() -> Bool {
        if self.messages.step() { return true }
        while self.messages.isEmpty, self.messages.takePacket() {}
        if self.messages.isEmpty { self.messages.takeRest() }
        return !self.messages.isEmpty
    }

    func deliver(to output: BatchWriter) { self.messages.deliver(to: output) }

    func finish(_ output: BatchWriter) {
        output.append(.media(self.messages.media))
        self.input.bytes += self.messages.bytes
        if let damage = self.messages.reader.damage { self.input.damage = damage.description }
        output.append(.input(self.input, TextStatistics(), hasTimes: true, hasDates: true))
    }
}
