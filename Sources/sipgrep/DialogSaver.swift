import Glibc
import SIPKit
import SIPTrace

/// `--per-dialog`: one pcap file a dialog, with its media if asked for.
///
/// File names are made of the time, the users (letters and digits only) and a hash of the Call-ID, so that nothing a stranger
/// writes becomes a path. Files are opened for each piece and closed again: a hundred thousand dialogs need no hundred
/// thousand descriptors. Bounded: ``maximumBuffered`` bytes wait in memory, ``maximumDialogs`` have files.
final class DialogSaver {
    static let maximumBuffered = 8 << 20
    static let maximumDialogs = 200_000

    private struct File {
        var path: String
        var bytes: [UInt8] = []
        var hasBegun = false
    }

    private let folder: String
    private let diagnostics: Diagnostics
    private var numbers = ByteKeyTable()
    private var files: [File] = []
    private var buffered = 0
    private var reading = MessageReading()
    private var clock = UTCClock()
    private(set) var failure: String?
    /// Messages of dialogs beyond the limit.
    private(set) var omitted = 0

    /// - Throws: ``Failure`` when the folder is none and cannot be made.
    init(_ folder: String, diagnostics: Diagnostics) throws(Failure) {
        self.folder = folder
        self.diagnostics = diagnostics
        guard mkdir(folder, 0o755) == 0 || errno == EEXIST else {
            throw Failure("--per-dialog \(Printable.text(folder.utf8)): \(String(cString: strerror(errno)))")
        }
        guard access(folder, W_OK | X_OK) == 0 else {
            throw Failure("--per-dialog \(Printable.text(folder.utf8)): \(String(cString: strerror(errno)))")
        }
    }

    var count: Int { self.files.count }

    func save(_ origin: MessageOrigin, _ message: Span<UInt8>) {
        self.reading.read(message)
        guard self.failure == nil, self.reading.isReadable, !self.reading.callID.isEmpty else { return }
        if self.files.count >= Self.maximumDialogs, self.numbers.find(message, self.reading.callID) == nil {
            self.omitted += 1
            return
        }
        let (number, isNew) = self.numbers.insert(message, self.reading.callID)
        if isNew { self.files.append(File(path: self.path(origin, message))) }
        self.append(number, origin, message)
    }

    /// A packet of media, if its call has a file.
    func saveMedia(_ origin: MessageOrigin, _ payload: Span<UInt8>, of callID: ArraySlice<UInt8>) {
        let bytes = Array(callID)
        guard self.failure == nil, let number = self.numbers.find(bytes.span, ByteRange(0, bytes.count)) else { return }
        self.append(number, origin, payload)
    }

    private func append(_ number: Int, _ origin: MessageOrigin, _ payload: Span<UInt8>) {
        let frame = PacketBuilder.frame(origin, payload)
        let seconds = origin.time.floorDivided(by: 1_000_000_000)
        let words = [
            UInt32(truncatingIfNeeded: seconds), UInt32(truncatingIfNeeded: origin.time - seconds * 1_000_000_000),
            UInt32(truncatingIfNeeded: frame.count), UInt32(truncatingIfNeeded: frame.count),
        ]
        if !self.files[number].hasBegun, self.files[number].bytes.isEmpty {
            // A pcap file with nanoseconds and Ethernet frames.
            for word in [0xA1B2_3C4D, 4 << 16 | 2, 0, 0, 262_144, 1] as [UInt32] { self.put(word, number) }
        }
        for word in words { self.put(word, number) }
        self.files[number].bytes += frame
        self.buffered += 16 + frame.count
        if self.files[number].bytes.count > 1 << 16 { self.write(number) }
        if self.buffered > Self.maximumBuffered { self.flush() }
    }

    private func put(_ word: UInt32, _ number: Int) {
        for shift in [0, 8, 16, 24] as [UInt32] {
            self.files[number].bytes.append(UInt8(truncatingIfNeeded: word >> shift))
        }
    }

    /// Hands everything to the system.
    func flush() {
        for number in self.files.indices where !self.files[number].bytes.isEmpty && self.failure == nil {
            self.write(number)
        }
    }

    private func write(_ number: Int) {
        let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (self.files[number].hasBegun ? O_APPEND : O_TRUNC)
        let descriptor = open(self.files[number].path, flags | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { return self.fail(self.files[number].path) }
        defer { close(descriptor) }
        let bytes = self.files[number].bytes
        var written = 0
        while written < bytes.count {
            let from = written
            let got = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + from }, bytes.count - from)
            }
            if got > 0 {
                written += got
            } else if errno != EINTR {
                return self.fail(self.files[number].path)
            }
        }
        self.buffered -= bytes.count
        self.files[number].bytes = []
        self.files[number].hasBegun = true
    }

    private func fail(_ path: String) {
        let sentence = "\(Printable.text(path.utf8)): \(String(cString: strerror(errno)))"
        self.failure = sentence
        self.diagnostics.say("\(sentence); no more dialogs are saved")
    }

    /// `20231114T221320_alice_bob_1f3a9c0027b4.pcap`.
    private func path(_ origin: MessageOrigin, _ message: Span<UInt8>) -> String {
        let stamp = self.clock.text(origin.time).prefix(19).filter { $0 != "-" && $0 != ":" }
        let from = Self.safe(message.copy(self.reading.user(.from, message)))
        let to = Self.safe(message.copy(self.reading.user(.to, message)))
        // Fixed, so that another run over the same capture writes the same names.
        let hash = IdentityHash.of(message, self.reading.callID, seed: 0x5349_5047)
        let digits = String(hash, radix: 16)
        return "\(self.folder)/\(stamp)_\(from)_\(to)_\(digits).pcap"
    }

    private static func safe(_ user: [UInt8]) -> String {
        let letters = user.filter { ASCII.isAlphanumeric($0) || $0 == ASCII.plus }.prefix(32)
        return letters.isEmpty ? "-" : String(decoding: letters, as: UTF8.self)
    }
}
