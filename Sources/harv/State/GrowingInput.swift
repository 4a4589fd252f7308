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
    private var reader: PcapFileReader
    private var extractor = MessageExtractor()
    private let media = MediaTracker()
    private let file: GrowingFile
    private let input: Int
    private let isStopped: () -> Bool
    private var packets = 0
    /// As an ordinary run counts them: packets and their heads.
    private var bytes = 0
    private var pending: [(origin: MessageOrigin, bytes: [UInt8])] = []
    private var head = 0
    private var isFinished = false

    init(
        _ reader: consuming PcapFileReader, _ file: GrowingFile, input: Int, isStopped: @escaping () -> Bool
    ) {
        self.reader = reader
        self.file = file
        self.input = input
        self.isStopped = isStopped
        self.extractor.media = self.media
        guard case .capture(let packets) = file.place.reader else { return }
        while self.packets < packets, !isStopped(), let record = self.reader.next() { self.take(record) }
        self.pending = []
    }

    private func take(_ record: PacketRecord) {
        self.packets &+= 1
        self.bytes += record.count + 16
        var found: [(origin: MessageOrigin, bytes: [UInt8])] = []
        Self.take(record, of: self.reader, self.input, &self.extractor, &found)
        self.pending += found
    }

    private static func take(
        _ record: PacketRecord, of reader: borrowing PcapFileReader, _ input: Int, _ extractor: inout MessageExtractor,
        _ found: inout [(origin: MessageOrigin, bytes: [UInt8])]
    ) {
        var more: [(origin: MessageOrigin, bytes: [UInt8])] = []
        extractor.take(reader.bytes(record), record, input: input) { origin, payload in
            more.append((origin, payload.copy(ByteRange(0, payload.count))))
        }
        found += more
    }

    private func takeRest() {
        guard !self.isFinished else { return }
        self.isFinished = true
        var found: [(origin: MessageOrigin, bytes: [UInt8])] = []
        self.extractor.finish { origin, payload in found.append((origin, payload.copy(ByteRange(0, payload.count)))) }
        self.pending += found
    }

    var time: Int64? { self.head < self.pending.count ? self.pending[self.head].origin.time : nil }

    func advance() -> Bool {
        self.head += 1
        if self.head < self.pending.count { return true }
        self.pending.removeAll(keepingCapacity: true)
        self.head = 0
        while self.pending.isEmpty, !self.isStopped() {
            if let record = self.reader.next() {
                self.take(record)
            } else {
                if self.file.isFinal { self.takeRest() }
                break
            }
        }
        return !self.pending.isEmpty
    }

    func deliver(to output: BatchWriter) {
        guard self.head < self.pending.count else { return }
        let next = self.pending[self.head]
        output.append(next.bytes.span, next.origin, hasTime: true)
    }

    func finish(_ output: BatchWriter) {
        if self.file.isFinal { output.append(.media(self.media.streams)) }
    }

    /// A record that is not yet whole is no failure.
    var failure: String { self.reader.damage?.kind == .failed ? self.reader.damage?.description ?? "" : "" }

    var place: InputPlace {
        var place = self.file.place
        place.offset = self.reader.bytesRead
        let descriptor = open(self.file.path, O_RDONLY | O_CLOEXEC)
        if descriptor >= 0 {
            place.mark = FileBytes.read(descriptor, max(0, place.offset - InputPlace.markSize)..<place.offset) ?? []
            close(descriptor)
        }
        place.reader = .capture(packets: self.packets)
        return place
    }

    func readRest(_ output: BatchWriter, earlier: InputPlace.Earlier) {
        if !self.file.isFinal {
            self.pending = []
            self.takeRest()
            for (origin, bytes) in self.pending { output.append(bytes.span, origin, hasTime: true) }
            output.append(.media(self.media.streams))
        }
        let damage = self.file.isFinal || self.file.isQuiet ? self.reader.damage?.description ?? "" : self.failure
        output.append(
            .input(
                Summary.Input(
                    name: self.file.place.path, format: "pcap", bytes: earlier.bytes + self.bytes,
                    damage: [earlier.loss, damage].filter { !$0.isEmpty }.joined(separator: "; ")),
                earlier.statistics, hasTimes: true, hasDates: true))
    }
}
