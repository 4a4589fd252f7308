import Glibc
import SIPKit
import SIPTrace

/// Reads the inputs of a run one after another, whatever they are, into batches of messages.
struct TraceReader {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let paths: [String]
    var zoneOffset = 0
    let isStopped: @Sendable () -> Bool
    let output: BatchWriter
    let progress: Progress?
    /// What is read instead of ``paths``.
    var growing: GrowingInputs? = nil

    /// - Throws: ``Failure`` when an input cannot be opened.
    func run() throws(Failure) {
        if let growing { return try growing.read(self.output) }
        let ordered = self.inOrder()
        self.progress?.begin(ordered.map(\.path))
        // Those with dates are read together, the others behind them, one after another.
        let dated = ordered.prefix { $0.first != .max }
        let together = dated.count > 1 && dated.allSatisfy(\.isMergeable) ? dated.count : 0
        if together > 0 { try self.merge(ordered[..<together]) }
        for (place, input) in ordered.enumerated().dropFirst(together) {
            if self.isStopped() { break }
            try self.read(input.path, place)
            self.progress?.finish(place)
        }
        self.output.flush()
    }

    /// What can be said of an input before it is read.
    private struct Glimpse {
        var path: String
        /// The time of its first message; `.max` where it has no dates.
        var first: Int64 = .max
        /// `nil` for what is read through standard input, and so only by itself.
        var kind: Kind? = nil
        /// The unpacked beginning of a text.
        var head: [UInt8] = []

        enum Kind {
            case capture
            case text(packing: InputFormat?)
        }
        var isMergeable: Bool { self.kind != nil }
    }

    /// Rotated sets come in any order of names: what is read first is what happened first.
    private func inOrder() -> [Glimpse] {
        guard self.paths.count > 1, !self.paths.contains("-") else { return self.paths.map { Glimpse(path: $0) } }
        let dated = self.paths.enumerated().map { ($0.offset, self.glimpse($0.element)) }
        return dated.sorted { ($0.1.first, $0.0) < ($1.1.first, $1.0) }.map(\.1)
    }

    private func glimpse(_ path: String) -> Glimpse {
        var glimpse = Glimpse(path: path)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return glimpse }
        var head = InputFormat.peek(descriptor)
        close(descriptor)
        let format = InputFormat.recognise(head)
        if format.isPacked {
            guard let unpacked = try? CompressedSource.head(path, InputFormat.peekSize) else { return glimpse }
            head = unpacked
        }
        if InputFormat.recognise(head) == .pcap {
            guard format != .bzip2, var reader = try? PcapFileReader(path: path) else { return glimpse }
            glimpse.kind = .capture
            glimpse.first = reader.next()?.time ?? .max
            return glimpse
        }
        glimpse.kind = .text(packing: format.isPacked ? format : nil)
        glimpse.head = head
        var reader = TextTraceReader(
            TextSource(bytes: head), format: TextFormat.recognise(head) ?? .ngrep, context: self.context(head: head))
        while reader.next() {
            if reader.hasDates, reader.origin.time != 0 {
                glimpse.first = reader.origin.time
                break
            }
        }
        return glimpse
    }

    private func merge(_ inputs: ArraySlice<Glimpse>) throws(Failure) {
        let reader = self
        let waiting = inputs.enumerated().map { place, input in
            InputMerge.Waiting(first: input.first) { () throws(Failure) in try reader.opened(input, place) }
        }
        var merge = InputMerge(waiting, output: self.output, isStopped: self.isStopped)
        try merge.run()
        for place in inputs.indices { self.progress?.finish(place) }
    }

    private func opened(_ input: Glimpse, _ place: Int) throws(Failure) -> any MergedInput {
        do {
            guard case .text(let packing) = input.kind else {
                self.output.append(.expectMedia)
                let entry = Summary.Input(name: input.path, format: "pcap", bytes: 0)
                return MergedCapture(try PcapFileReader(path: input.path), place, entry)
            }
            var year = 1970
            let source: TextSource
            if let packing {
                source = try CompressedSource.open(input.path, packing)
            } else {
                let descriptor = Glibc.open(input.path, O_RDONLY | O_CLOEXEC)
                guard descriptor >= 0 else {
                    throw Failure(
                        description: "\(Printable.text(input.path.utf8)): \(String(cString: strerror(errno)))")
                }
                var status = stat()
                if fstat(descriptor, &status) == 0 {
                    year = TimeText.fields(Int64(status.st_mtim.tv_sec) * 1_000_000_000).year
                }
                source = TextSource(descriptor: descriptor, closing: true)
            }
            let stopped = self.isStopped
            source.isStopped = { stopped() }
            let progress = self.progress
            source.willRead = { progress?.note(place, bytes: $0) }
            let format = TextFormat.recognise(input.head) ?? .ngrep
            let entry = Summary.Input(
                name: input.path, format: format.title + (packing.map { " (\($0.rawValue))" } ?? ""), bytes: 0)
            return MergedText(source, format, self.context(head: input.head, input: place, year: year), entry)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(description: "\(error)")
        }
    }

    private func context(head: [UInt8], input: Int = 0, year: Int = 1970) -> TextContext {
        TextContext(input: input, zoneOffset: self.zoneOffset, year: year, head: head)
    }

    private func read(_ path: String, _ place: Int) throws(Failure) {
        let name = Printable.text(path.utf8)
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Failure(description: "\(name): \(String(cString: strerror(errno)))")
        }
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            if path != "-" { close(descriptor) }
            throw Failure(description: "\(name): is a directory")
        }
        let (head, isPipe) = path == "-" ? StandardInput.head() : (InputFormat.peek(descriptor), false)
        let format = InputFormat.recognise(head)
        if isPipe, format != .text { StandardInput.putBack(head) }
        let year = TimeText.fields(Int64(status.st_mtim.tv_sec) * 1_000_000_000).year
        switch format {
        case .pcap:
            if path != "-" { close(descriptor) }
            try self.readPcap(path, place)
        case .text:
            let source = TextSource(descriptor: descriptor, closing: path != "-", prefix: isPipe ? head : [])
            self.readText(source, path, place, head, nil, year)
        case .gzip, .zstd, .xz, .bzip2:
            if path == "-" {
                do {
                    try StandardInput.unpack(format)
                } catch {
                    throw Failure(description: "\(error)")
                }
                return try self.read(path, place)
            }
            close(descriptor)
            let source: TextSource
            let inner: [UInt8]
            do {
                inner = try CompressedSource.head(path, InputFormat.peekSize)
                if format != .bzip2, InputFormat.recognise(inner) == .pcap { return try self.readPcap(path, place) }
                source = try CompressedSource.open(path, format)
            } catch let failure as Failure {
                throw failure
            } catch {
                throw Failure(description: "\(error)")
            }
            if InputFormat.recognise(inner) == .pcap {
                return try self.readPackedPcap(source, path, place)
            }
            self.readText(source, path, place, inner, format, year)
        }
    }

    // MARK: Text

    private func readText(
        _ source: TextSource, _ path: String, _ place: Int, _ head: [UInt8], _ packing: InputFormat?, _ year: Int
    ) {
        let (stopped, output, progress) = (self.isStopped, self.output, self.progress)
        source.isStopped = { stopped() }
        source.willRead = { count in
            // What is known must not wait for what comes next: somebody may be looking at a growing log.
            output.flush()
            progress?.note(place, bytes: count)
        }
        let format = TextFormat.recognise(head) ?? .ngrep
        var reader = TextTraceReader(
            source, format: format, context: self.context(head: head, input: place, year: year))
        while reader.next() { Self.deliver(reader, to: output) }
        let input = Summary.Input(
            name: path, format: format.title + (packing.map { " (\($0.rawValue))" } ?? ""), bytes: 0)
        Self.finish(reader, source, input, to: output)
    }

    /// Hands on what a reader has found.
    @inline(__always)
    static func deliver(_ reader: borrowing TextTraceReader, to output: BatchWriter) {
        switch reader.kind {
        case .message:
            output.append(reader.payload, reader.origin, hasTime: reader.hasTimes, repairs: reader.repairs)
        case .keepAlive: output.append(.keepAlive)
        case .icmp(let type, let code):
            let origin = reader.origin
            output.append(.icmp(.init(type: type, code: code, from: origin.source.ip, to: origin.destination.ip)))
        case .log: if let record = reader.log { output.append(.log(record)) }
        case .fragment, .other: break
        }
    }

    /// Hands on what an input came to.
    static func finish(
        _ reader: borrowing TextTraceReader, _ source: TextSource, _ input: Summary.Input, to output: BatchWriter
    ) {
        var input = input
        input.bytes = source.bytesRead
        if source.failure != 0 { input.damage = String(cString: strerror(source.failure)) }
        if let note = reader.damage { input.damage = note }
        let hasBlocks = reader.statistics.blocks > 0
        output.append(
            .input(
                input, reader.statistics, hasTimes: !hasBlocks || reader.hasTimes,
                hasDates: !hasBlocks || reader.hasDates))
    }

    // MARK: Captures

    /// A capture behind a packer that the capture reader does not know: it comes through standard input.
    private func readPackedPcap(_ source: TextSource, _ path: String, _ place: Int) throws(Failure) {
        let descriptor: Int32
        do {
            descriptor = try CompressedSource.descriptor(path)
        } catch {
            throw Failure(description: "\(error)")
        }
        let before = dup(STDIN_FILENO)
        dup2(descriptor, STDIN_FILENO)
        close(descriptor)
        defer {
            dup2(before, STDIN_FILENO)
            close(before)
        }
        try self.readPcap("-", place, name: path)
    }

    private func readPcap(_ path: String, _ place: Int, name: String? = nil) throws(Failure) {
        var reader: PcapFileReader
        do {
            reader = try PcapFileReader(path: path)
        } catch {
            throw Failure(description: "\(error)")
        }
        var extractor = MessageExtractor()
        let media = MediaTracker()
        extractor.media = media
        self.output.append(.expectMedia)
        var bytes = 0
        let output = self.output
        var packets = 0
        while let record = reader.next() {
            bytes += record.count + 16
            packets &+= 1
            extractor.take(reader.bytes(record), record, input: place) { origin, payload in
                output.append(payload, origin, hasTime: true)
            }
            if packets & 1023 == 0 {
                self.progress?.note(place, bytes: bytes)
                if self.isStopped() { break }
            }
        }
        extractor.finish { origin, payload in output.append(payload, origin, hasTime: true) }
        output.append(.media(media.streams))
        var input = Summary.Input(name: name ?? path, format: "pcap", bytes: bytes)
        if let damage = reader.damage { input.damage = damage.description }
        output.append(.input(input, TextStatistics(), hasTimes: true, hasDates: true))
    }
}
