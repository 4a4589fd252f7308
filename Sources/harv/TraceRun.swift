import Glibc
import SIPKit
import SIPTrace

/// Reads the inputs of a run, whatever they are, into an ``Analyser``.
struct TraceRun {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    var paths: [String]
    var servers: [SocketAddress] = []
    var zoneOffset = 0
    var limits = Analyser.Limits()
    var engine = DiagnosisEngine()
    /// How many calls are listed one by one.
    var callLines = 10
    /// The Call-ID of a call whose ladder is wanted.
    var wantedCall: String? = nil
    /// Asked between messages; `true` ends reading, and the report says that it is partial.
    var isStopped: @Sendable () -> Bool = { false }

    /// - Throws: ``Failure`` when an input cannot be opened.
    func run() throws(Failure) -> Summary {
        var analyser = Analyser(limits: self.limits, engine: self.engine)
        analyser.declare(servers: self.servers)
        analyser.maxCallLines = self.callLines
        analyser.wantedCall = self.wantedCall.map { Array($0.utf8) }
        for (place, path) in self.inOrder().enumerated() {
            if self.isStopped() { break }
            try self.read(path, place, into: &analyser)
        }
        if self.isStopped() { analyser.notePartial() }
        return analyser.finish()
    }

    /// Rotated sets come in any order of names: what is read first is what happened first.
    private func inOrder() -> [String] {
        guard self.paths.count > 1, !self.paths.contains("-") else { return self.paths }
        let dated = self.paths.enumerated().map { ($0.offset, $0.element, Self.firstTime($0.element)) }
        return dated.sorted { ($0.2, $0.0) < ($1.2, $1.0) }.map(\.1)
    }

    private static func firstTime(_ path: String) -> Int64 {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return .max }
        let head = InputFormat.peek(descriptor)
        close(descriptor)
        switch InputFormat.recognise(head) {
        case .pcap:
            guard var reader = try? PcapFileReader(path: path) else { return .max }
            return reader.next()?.time ?? .max
        case .ngrep:
            var reader = NgrepTextReader(TextSource(bytes: head))
            while reader.next() { if reader.hasDates { return reader.origin.time } }
            return .max
        case .gzip, .zstd, .xz, .bzip2:
            guard let source = try? CompressedSource.open(path) else { return .max }
            var reader = NgrepTextReader(source)
            while reader.next() { if reader.hasDates { return reader.origin.time } }
            return .max
        }
    }

    private func read(_ path: String, _ place: Int, into analyser: inout Analyser) throws(Failure) {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Failure(description: "\(Printable.text(path.utf8)): \(String(cString: strerror(errno)))")
        }
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            if path != "-" { close(descriptor) }
            throw Failure(description: "\(Printable.text(path.utf8)): is a directory")
        }
        let (head, isPipe) = path == "-" ? StandardInput.head() : (InputFormat.peek(descriptor), false)
        let isText = InputFormat.recognise(head) == .ngrep
        if isPipe, !isText { StandardInput.putBack(head) }
        switch InputFormat.recognise(head) {
        case .pcap:
            if path != "-" { close(descriptor) }
            try self.readPcap(path, place, into: &analyser)
        case .ngrep:
            let source = TextSource(descriptor: descriptor, closing: path != "-", prefix: isPipe ? head : [])
            self.readText(source, path, place, "ngrep text", into: &analyser)
        case .gzip, .zstd, .xz, .bzip2:
            let kind = InputFormat.recognise(head)
            if path == "-" {
                do {
                    try StandardInput.unpack(kind)
                } catch {
                    throw Failure(description: "\(error)")
                }
                return try self.read(path, place, into: &analyser)
            }
            close(descriptor)
            if kind == .gzip, (try? CompressedSource.head(path)).map(InputFormat.recognise) == .pcap {
                return try self.readPcap(path, place, into: &analyser)
            }
            let source: TextSource
            do {
                source = try CompressedSource.open(path, kind)
            } catch {
                throw Failure(description: "\(error)")
            }
            self.readText(source, path, place, "ngrep text (\(kind.rawValue))", into: &analyser)
        }
    }

    // MARK: Text

    private func readText(
        _ source: TextSource, _ path: String, _ place: Int, _ format: String, into analyser: inout Analyser
    ) {
        let stopped = self.isStopped
        source.isStopped = { stopped() }
        var reader = NgrepTextReader(source, input: place, zoneOffset: self.zoneOffset)
        while reader.next() {
            switch reader.kind {
            case .message:
                analyser.take(reader.payload, reader.origin, hasTime: reader.hasTimes, repairs: reader.repairs)
            case .keepAlive: analyser.noteKeepAlive()
            case .icmp(let type, let code):
                let origin = reader.origin
                analyser.note(icmp: .init(type: type, code: code, from: origin.source.ip, to: origin.destination.ip))
            case .fragment, .other: break
            }
        }
        analyser.note(reader.statistics)
        if reader.statistics.blocks > 0 { analyser.noteClock(hasTimes: reader.hasTimes, hasDates: reader.hasDates) }
        var input = Summary.Input(name: path, format: format, bytes: source.bytesRead)
        if source.failure != 0 { input.damage = String(cString: strerror(source.failure)) }
        analyser.note(input: input)
    }

    // MARK: Captures

    private func readPcap(_ path: String, _ place: Int, into analyser: inout Analyser) throws(Failure) {
        var reader: PcapFileReader
        do {
            reader = try PcapFileReader(path: path)
        } catch {
            throw Failure(description: "\(error)")
        }
        var extractor = MessageExtractor()
        let media = MediaTracker()
        extractor.media = media
        analyser.expectMedia()
        var bytes = 0
        while let record = reader.next() {
            bytes += record.count + 16
            extractor.take(reader.bytes(record), record, input: place) { origin, payload in
                analyser.take(payload, origin, hasTime: true)
            }
            if self.isStopped() { break }
        }
        extractor.finish { origin, payload in analyser.take(payload, origin, hasTime: true) }
        analyser.note(media: media.streams)
        var input = Summary.Input(name: path, format: "pcap", bytes: bytes)
        if let damage = reader.damage { input.damage = damage.description }
        analyser.note(input: input)
    }
}
