import Glibc
import SIPKit
import SIPTrace

/// A file that is read from where the last run has stopped.
///
/// It is read twice: up to the last block that is certainly whole (as every ``MergedInput``), which the state keeps, and,
/// when that is kept, on to the end (``readRest(_:)``), which only the report of this run has.
protocol GrowingInput: MergedInput {
    /// Where the next run goes on; to be asked for when everything whole was read.
    var place: InputPlace { get }
    /// Why not all of it could be read; empty when it could.
    var failure: String { get }
    /// Hands on what is behind the place, and what the input came to.
    ///
    /// - Parameter earlier: what files gave that had its name before.
    func readRest(_ output: BatchWriter, earlier: InputPlace.Earlier)
}

/// One file to read: from where to where.
struct GrowingFile {
    /// Its path now; a rotated file has another one than the command line names.
    var path: String
    var place: InputPlace
    /// Whether nobody writes it any more: all of it is whole.
    var isFinal = false
    /// Whether its time of change is so old that nobody is in the middle of a message.
    var isQuiet = false
}

/// A text that grows.
final class GrowingText: GrowingInput {
    private var reader: TextTraceReader
    private let source: TextSource
    private let file: GrowingFile
    private let descriptor: Int32
    private let size: Int
    private let title: String

    /// How much of the end is looked through for the beginning of a block; no block is longer.
    private static let maxTail = 8 << 20

    /// - Throws: ``TraceReader/Failure`` for what does not grow line by line.
    init(
        _ file: GrowingFile, descriptor: Int32, size: Int, head: [UInt8], context: TextContext,
        isStopped: @escaping () -> Bool, willRead: @escaping (Int) -> Void
    ) throws(TraceReader.Failure) {
        self.file = file
        self.descriptor = descriptor
        self.size = size
        let place = file.place
        let source = TextSource(descriptor: descriptor, closing: true)
        source.isStopped = isStopped
        source.willRead = willRead
        self.source = source
        let format: TextFormat
        if case .text(let state) = place.reader {
            format = state.format
            self.reader = TextTraceReader(source, from: state, context: context)
        } else {
            format = TextFormat.recognise(head) ?? .ngrep
            self.reader = TextTraceReader(source, format: format, context: context)
        }
        self.title = format.title
        guard format != .sngrep else {
            throw TraceReader.Failure(
                description:
                    "\(Printable.text(file.path.utf8)): sngrep's text is put in the order of its times as a whole, so it cannot be read in parts; leave --state away"
            )
        }
        lseek(descriptor, off_t(place.offset), SEEK_SET)
        source.limit = (file.isFinal ? size : Self.end(descriptor, format, place.offset..<size)) - place.offset
        self.reader.keepsRest = !file.isFinal
    }

    /// Where the last block begins, which may still be written.
    private static func end(_ descriptor: Int32, _ format: TextFormat, _ range: Range<Int>) -> Int {
        // Nearly always it begins shortly before the end.
        for length in [64 << 10, Self.maxTail] {
            let start = max(range.lowerBound, range.upperBound - length)
            guard var tail = FileBytes.read(descriptor, start..<range.upperBound) else { return range.lowerBound }
            var skipped = 0
            if start > range.lowerBound {
                skipped = (tail.firstIndex(of: ASCII.lf) ?? tail.count - 1) + 1
                tail.removeFirst(skipped)
            }
            if let last = format.lastBlock(in: tail) { return start + skipped + last }
            if start == range.lowerBound { return start }
        }
        return range.upperBound
    }

    var time: Int64? {
        if self.reader.kind == .log { return self.reader.log?.time }
        return self.reader.hasDates && self.reader.origin.time != 0 ? self.reader.origin.time : nil
    }

    func advance() -> Bool { self.reader.next() }
    func deliver(to output: BatchWriter) { TraceReader.deliver(self.reader, to: output) }
    func finish(_ output: BatchWriter) {}

    var failure: String { self.source.failure == 0 ? "" : String(cString: strerror(self.source.failure)) }

    var place: InputPlace {
        var place = self.file.place
        place.offset += self.source.bytesRead
        place.mark =
            FileBytes.read(self.descriptor, max(0, place.offset - InputPlace.markSize)..<place.offset) ?? []
        // What is empty may become anything.
        place.reader = place.offset > 0 ? .text(self.reader.state) : .none
        return place
    }

    func readRest(_ output: BatchWriter, earlier: InputPlace.Earlier) {
        if !self.file.isFinal {
            if self.file.isQuiet { self.source.limit = self.size - self.file.place.offset }
            self.reader.goOn()
            while self.reader.next() { TraceReader.deliver(self.reader, to: output) }
        }
        var statistics = self.reader.statistics
        statistics.add(earlier.statistics)
        let hasBlocks = self.reader.statistics.blocks > 0
        output.append(
            .input(
                Summary.Input(
                    name: self.file.place.path, format: self.title,
                    bytes: earlier.bytes + self.file.place.offset + self.source.bytesRead,
                    damage: [earlier.loss, self.failure, self.reader.damage ?? ""].filter { !$0.isEmpty }.joined(
                        separator: "; ")),
                statistics, hasTimes: !hasBlocks || self.reader.hasTimes, hasDates: !hasBlocks || self.reader.hasDates))
    }
}

/// A capture that grows.
///
/// What its packets come to depends on those before (fragments, TCP streams, sound), so they are all decoded again; the
/// messages that were counted already are not handed on.
final class GrowingCapture: GrowingInput {
    private var messages: CaptureMessages
    private let file: GrowingFile
    private let isStopped: () -> Bool

    init(
        _ reader: consuming PcapFileReader, _ file: GrowingFile, input: Int, isStopped: @escaping () -> Bool
    ) {
        self.messages = CaptureMessages(reader, input: input)
        self.file = file
        self.isStopped = isStopped
        guard case .capture(let packets) = file.place.reader else { return }
        while self.messages.packets < packets, !isStopped(), self.messages.takePacket() {}
        self.messages.forget()
    }

    var time: Int64? { self.messages.time }

    func advance() -> Bool {
        if self.messages.step() { return true }
        while self.messages.isEmpty, !self.isStopped() {
            if self.messages.takePacket() { continue }
            if self.file.isFinal { self.messages.takeRest() }
            break
        }
        return !self.messages.isEmpty
    }

    func deliver(to output: BatchWriter) { self.messages.deliver(to: output) }

    func finish(_ output: BatchWriter) {
        if self.file.isFinal { output.append(.media(self.messages.media)) }
    }

    /// A record that is not yet whole is no failure.
    var failure: String {
        self.messages.reader.damage?.kind == .failed ? self.messages.reader.damage?.description ?? "" : ""
    }

    var place: InputPlace {
        var place = self.file.place
        place.offset = self.messages.reader.bytesRead
        let descriptor = open(self.file.path, O_RDONLY | O_CLOEXEC)
        if descriptor >= 0 {
            place.mark = FileBytes.read(descriptor, max(0, place.offset - InputPlace.markSize)..<place.offset) ?? []
            close(descriptor)
        }
        place.reader = .capture(packets: self.messages.packets)
        return place
    }

    func readRest(_ output: BatchWriter, earlier: InputPlace.Earlier) {
        if !self.file.isFinal {
            self.messages.forget()
            self.messages.takeRest()
            while !self.messages.isEmpty {
                self.messages.deliver(to: output)
                _ = self.messages.step()
            }
            output.append(.media(self.messages.media))
        }
        let damage =
            self.file.isFinal || self.file.isQuiet ? self.messages.reader.damage?.description ?? "" : self.failure
        output.append(
            .input(
                Summary.Input(
                    name: self.file.place.path, format: "pcap", bytes: earlier.bytes + self.messages.bytes,
                    damage: [earlier.loss, damage].filter { !$0.isEmpty }.joined(separator: "; ")),
                earlier.statistics, hasTimes: true, hasDates: true))
    }
}
