import Glibc
import SIPKit
import SIPTrace

/// The inputs of a run with `--state`: finds the files that were read before, also under the names that rotation gave them,
/// and reads what is new.
struct GrowingInputs {
    typealias Failure = TraceReader.Failure

    var paths: [String]
    /// Where the last run left them.
    var places: [InputPlace] = []
    var zoneOffset = 0
    /// Seconds since 1970. A file that has not changed for ``quietSeconds`` before it ends with a whole message.
    var now = Int(time(nil))
    var isStopped: @Sendable () -> Bool = { false }
    var progress: Progress? = nil
    /// Called where everything that is certainly whole has been counted; what is counted later is for this run's report alone.
    var keep: @Sendable ([InputPlace], Analyser) -> Void = { _, _ in }
    /// Told what could not be read, in words.
    var complain: @Sendable (String) -> Void = { _ in }

    static let quietSeconds = 60

    // MARK: Which files

    /// The files to read for each path, the oldest first, and the places of paths that have none now.
    func files() throws(Failure) -> (files: [GrowingFile], missing: [InputPlace]) {
        var files: [GrowingFile] = []
        var missing = self.places.filter { !self.paths.contains($0.path) }
        for path in self.paths {
            let known = self.places.first { $0.path == path }
            var status = stat()
            let isThere = stat(path, &status) == 0
            guard isThere || known != nil else {
                throw Failure(description: "\(Printable.text(path.utf8)): \(String(cString: strerror(errno)))")
            }
            guard let known else {
                files.append(self.file(path, InputPlace(path: path), status))
                continue
            }
            let isSame = isThere && known.inode == UInt64(status.st_ino) && known.device == UInt64(status.st_dev)
            if isSame, Self.isContinued(path, known) {
                files.append(self.file(path, known, status))
                continue
            }
            var place = InputPlace(path: path)
            place.earlier = known.earlier
            place.earlier.bytes += known.offset
            place.earlier.statistics.add(known.statistics)
            let older = self.rotated(known)
            files += older
            if older.isEmpty, known.offset > 0 { self.noteLoss(&place, known) }
            if isThere { files.append(self.file(path, place, status)) } else if older.isEmpty { missing.append(known) }
        }
        return (files, missing)
    }

    private func file(_ path: String, _ place: InputPlace, _ status: stat) -> GrowingFile {
        var place = place
        place.device = UInt64(status.st_dev)
        place.inode = UInt64(status.st_ino)
        return GrowingFile(
            path: path, place: place, isQuiet: self.now - Int(status.st_mtim.tv_sec) >= Self.quietSeconds)
    }

    /// Whether a file still has in front of the place what it had there, and so goes on behind it.
    private static func isContinued(_ path: String, _ place: InputPlace) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return FileBytes.read(descriptor, place.offset - place.mark.count..<place.offset) == place.mark
    }

    /// The rest of a file that has another name by now, or was copied and emptied, and what was written between it and the
    /// file that has the name now (`sip.log.2`, then `sip.log.1`).
    private func rotated(_ known: InputPlace) -> [GrowingFile] {
        let name = FilePath.name(of: known.path)
        let folder = FilePath.folder(of: known.path)
        var found: (path: String, status: stat)? = nil
        for candidate in Self.names(in: folder) where candidate != name && candidate.hasPrefix(Self.stem(name)) {
            let path = known.path.contains("/") ? "\(folder)/\(candidate)" : candidate
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, !known.mark.isEmpty,
                Self.isContinued(path, known)
            else { continue }
            let isSame = known.inode == UInt64(status.st_ino) && known.device == UInt64(status.st_dev)
            if isSame || found == nil { found = (path, status) }
            if isSame { break }
        }
        guard let found else { return [] }
        var place = known
        place.device = UInt64(found.status.st_dev)
        place.inode = UInt64(found.status.st_ino)
        var files = [GrowingFile(path: found.path, place: place, isFinal: true, isQuiet: true)]
        // Rotated twice and more since the last run.
        let prefix = "\(known.path)."
        guard found.path.hasPrefix(prefix), let number = Int(found.path.dropFirst(prefix.count)), number > 1,
            number < 1_000
        else { return files }
        for between in (1..<number).reversed() {
            var status = stat()
            let path = "\(prefix)\(between)"
            guard stat(path, &status) == 0 else {
                self.complain(
                    "\(Printable.text(path.utf8)): \(String(cString: strerror(errno))); what it had is missing")
                continue
            }
            var file = self.file(path, InputPlace(path: known.path), status)
            file.isFinal = true
            files.append(file)
        }
        return files
    }

    /// What the names of a rotated set begin with: `sip.log` becomes `sip.log.1`, `sip.log-20260302`, `sip-20260302.log`.
    private static func stem(_ name: String) -> String {
        name.utf8.lastIndex(of: ASCII.dot).map { $0 > name.utf8.startIndex ? String(name[..<$0]) : name } ?? name
    }

    private static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names.sorted()
    }

    /// Whether it was rotated or emptied cannot be told: a new file may get the number (inode) of one that is gone.
    private func noteLoss(_ place: inout InputPlace, _ known: InputPlace) {
        let stem = Self.stem(FilePath.name(of: known.path))
        let isPacked = Self.names(in: FilePath.folder(of: known.path)).contains { name in
            name.hasPrefix(stem) && [".gz", ".xz", ".zst", ".bz2"].contains { name.hasSuffix($0) }
        }
        var text =
            "was rotated, emptied or written anew, and what it had behind byte \(known.offset) cannot be found: that is missing"
        if isPacked { text += " (packed already? logrotate's delaycompress leaves time to read the rest)" }
        self.complain("\(Printable.text(known.path.utf8)) \(text)")
        let before = place.earlier.loss
        // The first few tell enough.
        if before.utf8.count < 400 { place.earlier.loss = before.isEmpty ? text : "\(before); \(text)" }
    }

    // MARK: Reading

    /// Reads what is new into batches.
    ///
    /// - Throws: ``TraceReader/Failure`` when an input cannot be opened, or cannot be read in parts.
    func read(_ output: BatchWriter) throws(Failure) {
        let (files, missing) = try self.files()
        self.progress?.begin(files.map(\.path))
        var inputs: [(file: GrowingFile, input: any GrowingInput, first: Int64?)] = []
        for (number, file) in files.enumerated() {
            let input = try self.opened(file, number, output)
            inputs.append((file, input, input.advance() ? input.time ?? .max : nil))
        }
        try self.merge(inputs.filter { $0.first != nil && $0.first != .max }, output)
        for input in inputs where input.first == .max { try self.merge([input], output) }
        var places = missing
        for path in self.paths {
            // All files that had the name count as one.
            var earlier: InputPlace.Earlier? = nil
            for place in inputs.filter({ $0.file.place.path == path }).map(\.input.place) {
                var place = place
                if let earlier { place.earlier = earlier }
                if let last = places.lastIndex(where: { $0.path == path }) { places.remove(at: last) }
                places.append(place)
                earlier = place.earlier
                earlier?.bytes += place.offset
                earlier?.statistics.add(place.statistics)
            }
        }
        for (file, input, _) in inputs where !input.failure.isEmpty {
            throw Failure(description: "\(Printable.text(file.path.utf8)): \(input.failure); the state stays as it was")
        }
        if !self.isStopped() {
            let (keep, kept) = (self.keep, places)
            output.append(.checkpoint { keep(kept, $0) })
        }
        for path in self.paths {
            let own = inputs.filter { $0.file.place.path == path }
            guard let last = own.last else { continue }
            last.input.readRest(output, earlier: places.first { $0.path == path }?.earlier ?? .init())
        }
        output.flush()
    }

    private func merge(_ inputs: [(file: GrowingFile, input: any GrowingInput, first: Int64?)], _ output: BatchWriter)
        throws(Failure)
    {
        guard !inputs.isEmpty else { return }
        let waiting = inputs.sorted { ($0.first ?? 0) < ($1.first ?? 0) }.map { entry in
            InputMerge.Waiting(first: entry.first ?? 0) { () throws(Failure) in Begun(entry.input) }
        }
        var merge = InputMerge(waiting, output: output, isStopped: self.isStopped)
        try merge.run()
    }

    /// An input whose first message is at hand already.
    private final class Begun: MergedInput {
        private let input: any GrowingInput
        private var isFirst = true

        init(_ input: any GrowingInput) { self.input = input }

        var time: Int64? { self.input.time }
        func advance() -> Bool {
            if self.isFirst {
                self.isFirst = false
                return true
            }
            return self.input.advance()
        }
        func deliver(to output: BatchWriter) { self.input.deliver(to: output) }
        func finish(_ output: BatchWriter) { self.input.finish(output) }
    }

    private func opened(_ file: GrowingFile, _ number: Int, _ output: BatchWriter) throws(Failure) -> any GrowingInput {
        let name = Printable.text(file.path.utf8)
        let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(description: "\(name): \(String(cString: strerror(errno)))") }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw Failure(description: "\(name): no file; --state needs one, to go on in it the next time")
        }
        let head = InputFormat.peek(descriptor)
        let format = InputFormat.recognise(head)
        guard !format.isPacked else {
            close(descriptor)
            throw Failure(
                description:
                    "\(name): packed (\(format.rawValue)); --state needs the log that is still written, unpacked")
        }
        let stopped = self.isStopped
        if format == .pcap {
            close(descriptor)
            output.append(.expectMedia)
            do {
                return GrowingCapture(
                    try PcapFileReader(path: file.path), file, input: number, isStopped: { stopped() })
            } catch {
                throw Failure(description: "\(error)")
            }
        }
        let progress = self.progress
        return try GrowingText(
            file, descriptor: descriptor, size: Int(status.st_size), head: head,
            context: TextContext(
                input: number, zoneOffset: self.zoneOffset,
                year: TimeText.fields(Int64(status.st_mtim.tv_sec) * 1_000_000_000).year, head: head),
            isStopped: { stopped() }, willRead: { progress?.note(number, bytes: $0) })
    }
}
