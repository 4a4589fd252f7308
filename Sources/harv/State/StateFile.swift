import Glibc
import SIPKit
import SIPTrace

/// The file of `--state`: a head that says what it is, and the tables behind it.
///
/// ```
/// "HARVSTAT"  format (4)  layout (8)  length of the body (8)  checksum of the body (8)  body
/// ```
/// Numbers are little-endian. One run at a time works with it (a lock on `FILE.lock`, which stays); a new state takes the
/// old one's place as a whole, so a run that dies leaves the old one.
final class StateFile {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// To be raised with every change of a type that is kept (``Kept``).
    static let format: UInt32 = 1
    private static let magic = Array("HARVSTAT".utf8)
    private static let headSize = 36

    let path: String
    private let lock: Int32

    /// Takes the lock.
    ///
    /// - Throws: ``Failure`` when another run has it, or there can be none.
    init(_ path: String) throws(Failure) {
        self.path = path
        let name = Printable.text(path.utf8)
        self.lock = open("\(path).lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard self.lock >= 0 else {
            throw Failure(description: "--state \(name): \(name).lock: \(String(cString: strerror(errno)))")
        }
        guard flock(self.lock, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            close(self.lock)
            throw Failure(
                description: reason == EWOULDBLOCK
                    ? "--state \(name): another harv works with it; this run did nothing (a run that takes longer than the time between two starts: start it less often)"
                    : "--state \(name): \(name).lock: \(String(cString: strerror(reason)))")
        }
    }

    deinit { close(self.lock) }

    // MARK: Reading

    /// What the last run kept; `nil` when there was none.
    ///
    /// - Throws: ``Failure`` for a file that is none of ours, damaged, or of another harv.
    func load() throws(Failure) -> Kept? {
        let bytes = try self.content()
        guard let bytes else { return nil }
        let name = Printable.text(self.path.utf8)
        let cure = "move it away to begin anew"
        guard bytes.starts(with: Self.magic) else {
            throw Failure(description: "--state \(name): no state of harv; it is left as it is. Name another file")
        }
        guard bytes.count >= Self.headSize else {
            throw Failure(
                description: "--state \(name): cut short, \(bytes.count) of at least \(Self.headSize) bytes; \(cure)")
        }
        func number(_ at: Int, _ count: Int) -> UInt64 {
            (0..<count).reduce(0) { $0 | UInt64(bytes[at + $1]) << UInt64(8 * $1) }
        }
        guard number(8, 4) == UInt64(Self.format), number(12, 8) == Self.layout else {
            throw Failure(
                description:
                    "--state \(name): of another version of harv (format \(number(8, 4)), this one has \(Self.format)); \(cure), or use that version"
            )
        }
        let length = number(20, 8)
        guard length == UInt64(bytes.count - Self.headSize) else {
            throw Failure(
                description: "--state \(name): damaged, \(bytes.count - Self.headSize) bytes of \(length); \(cure)")
        }
        let body = bytes[Self.headSize...]
        guard Self.checksum(bytes, from: Self.headSize) == number(28, 8) else {
            throw Failure(description: "--state \(name): damaged, its checksum does not fit; \(cure)")
        }
        do {
            return try StateReader.value(Kept.self, of: body)
        } catch {
            throw Failure(description: "--state \(name): not to be understood (of another harv?); \(cure)")
        }
    }

    private func content() throws(Failure) -> [UInt8]? {
        let name = Printable.text(self.path.utf8)
        let descriptor = open(self.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw Failure(description: "--state \(name): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(description: "--state \(name): no file; name one that harv may write")
        }
        guard let bytes = FileBytes.read(descriptor, 0..<Int(status.st_size)), bytes.count == Int(status.st_size) else {
            throw Failure(description: "--state \(name): \(String(cString: strerror(errno)))")
        }
        return bytes
    }

    /// The sizes of what is kept: a type that gets another property is seen even where nobody thought of ``format``.
    private static var layout: UInt64 {
        let raw = [
            MemoryLayout<ExchangeRecord>.size, MemoryLayout<RegistrationNote>.size, MemoryLayout<SocketAddress>.size,
            MemoryLayout<TalkerTable.Talker>.size, MemoryLayout<RegistrationLedger.Binding>.size,
            MemoryLayout<Factor>.size, MemoryLayout<Tally>.size, MemoryLayout<TextStatistics>.size,
            MemoryLayout<RegisteredUsers.Row>.size, MemoryLayout<NoiseSources.Source>.size,
            MemoryLayout<CallTally>.size, MemoryLayout<Int>.size,
        ]
        let tables = [
            MemoryLayout<Kept>.size, MemoryLayout<Analyser.Kept>.size, MemoryLayout<Summary>.size,
            MemoryLayout<Judge.Kept>.size, MemoryLayout<DiagnosisEngine.Kept>.size, MemoryLayout<Finding>.size,
            MemoryLayout<Finding.Case>.size, MemoryLayout<HourFigures>.size, MemoryLayout<HeldFigures>.size,
            MemoryLayout<AgentTable.Agent>.size, MemoryLayout<CallLine>.size, MemoryLayout<NextHop>.size,
            MemoryLayout<InputPlace>.size,
        ]
        let ledgers = [
            MemoryLayout<RegistrationLedger>.size, MemoryLayout<RateLedger>.size, MemoryLayout<AbsenceLedger>.size,
            MemoryLayout<HopLedger>.size, MemoryLayout<HourLedger>.size, MemoryLayout<LengthLedger>.size,
            MemoryLayout<FactorTable>.size, MemoryLayout<TrustLedger>.size, MemoryLayout<AccountLedger>.size,
            MemoryLayout<GuessLedger>.size, MemoryLayout<ServerTraceLedger>.size, MemoryLayout<ClockLedger>.size,
            MemoryLayout<BranchLedger>.size, MemoryLayout<HabitLedger>.size, MemoryLayout<MediaLedger>.size,
            MemoryLayout<LogLedger>.size, MemoryLayout<OutcomeLedger>.size, MemoryLayout<RestartLedger>.size,
        ]
        var hash = IdentityHash(seed: 1)
        for size in raw + tables + ledgers { hash.mix(UInt64(size)) }
        return hash.value
    }

    private static func checksum(_ bytes: [UInt8], from start: Int) -> UInt64 {
        IdentityHash.of(bytes.span, ByteRange(start, bytes.count), seed: UInt64(bytes.count - start))
    }

    // MARK: Writing

    /// The bytes of a whole file.
    static func bytes(of kept: Kept) throws -> [UInt8] {
        let body = try StateWriter.bytes(of: kept)
        func number(_ value: UInt64, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
        }
        return Self.magic + number(UInt64(Self.format), 4) + number(Self.layout, 8) + number(UInt64(body.count), 8)
            + number(Self.checksum(body, from: 0), 8) + body
    }

    /// Puts a new state in place of the old one.
    ///
    /// - Parameter bytes: a whole file (``bytes(of:)``).
    /// - Throws: ``Failure``; the old state is untouched then.
    func save(_ bytes: [UInt8]) throws(Failure) {
        let temporary = "\(self.path).tmp"
        let name = Printable.text(self.path.utf8)
        func failed(_ error: Int32) -> Failure {
            unlink(temporary)
            return Failure(
                description:
                    "--state \(name): \(String(cString: strerror(error))); the old state stays, and the next run reads the same again"
            )
        }
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failed(errno) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                write(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let error = count < 0 ? errno : ENOSPC
                close(descriptor)
                throw failed(error)
            }
            written += count
        }
        let isOnDisk = fsync(descriptor) == 0
        let error = errno
        guard close(descriptor) == 0, isOnDisk else { throw failed(isOnDisk ? errno : error) }
        guard rename(temporary, self.path) == 0 else { throw failed(errno) }
        // The name, too, has to survive a power cut.
        let folder = open(FilePath.folder(of: self.path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }
}

/// A path's parts.
enum FilePath {
    static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: ASCII.slash) else { return "." }
        return slash == path.utf8.startIndex ? "/" : String(path[..<slash])
    }

    static func name(of path: String) -> String {
        path.utf8.lastIndex(of: ASCII.slash).map { String(path[path.index(after: $0)...]) } ?? path
    }
}

/// Parts of a file.
enum FileBytes {
    /// The bytes in a range, fewer where the file ends before; `nil` when they cannot be read (`errno`).
    static func read(_ descriptor: Int32, _ range: Range<Int>) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: range.count)
        var got = 0
        while got < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress.map { $0 + got }, range.count - got, off_t(range.lowerBound + got))
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            got += count
        }
        bytes.removeLast(bytes.count - got)
        return bytes
    }
}
