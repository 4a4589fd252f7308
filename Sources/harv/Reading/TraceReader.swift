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

    /// - Throws: ``Failure`` when an input cannot be opened.
    func run() throws(Failure) {
        let ordered = self.inOrder()
        self.progress?.begin(ordered)
        for (place, path) in ordered.enumerated() {
            if self.isStopped() { break }
            try self.read(path, place)
            self.progress?.finish(place)
        }
        self.output.flush()
    }

    /// Rotated sets come in any order of names: what is read first is what happened first.
    private func inOrder() -> [String] {
        guard self.paths.count > 1, !self.paths.contains("-") else { return self.paths }
        let dated = self.paths.enumerated().map { ($0.offset, $0.element, self.firstTime($0.element)) }
        return dated.sorted { ($0.2, $0.0) < ($1.2, $1.0) }.map(\.1)
    }

    private func firstTime(_ path: String) -> Int64 {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return .max }
        var head = InputFormat.peek(descriptor)
        close(descriptor)
        var format = InputFormat.recognise(head)
        if format.isPacked {
            guard let unpacked = try? CompressedSource.head(path, InputFormat.peekSize) else { return .max }
            head = unpacked
            if format != .bzip2, InputFormat.recognise(head) == .pcap {
                guard var reader = try? PcapFileReader(path: path) else { return .max }
                return reader.next()?.time ?? .max
            }
            format = InputFormat.recognise(head)
        }
        if format == .pcap {
            guard var reader = try? PcapFileReader(path: path) else { return .max }
            return reader.next()?.time ?? .max
        }
        var reader = TextTraceReader(
            TextSource(bytes: head), format: TextFormat.recognise(head) ?? .ngrep, context: self.context(head: head))
        while reader.next() { if reader.hasDates, reader.origin.time != 0 { return reader.origin.time } }
        return .max
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
        while reader.next() {
            switch reader.kind {
            case .message:
                output.append(reader.payload, reader.origin, hasTime: reader.hasTimes, repairs: reader.repairs)
            case .keepAlive: output.append(.keepAlive)
            case .icmp(let type, let code):
                let origin = reader.origin
                output.append(
                    .icmp(.init(type: type, code: code, from: origin.source.ip, to: origin.destination.ip)))
            case .log: if let record = reader.log { output.append(.log(record)) }
            case .fragment, .other: break
            }
        }
        var input = Summary.Input(
            name: path, format: format.title + (packing.map { " (\($0.rawValue))" } ?? ""), bytes: source.bytesRead)
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
